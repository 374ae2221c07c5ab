// Leaves by the user's wish, and says so when that failed: the cookie is then still there.

import { useState } from "react";
import { signOut } from "./sign-out";

interface SignOutButtonProps {
  className: string;
  title?: string | undefined;
}

export function SignOutButton({ className, title }: SignOutButtonProps) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const leave = async () => {
    if (busy) return;
    setBusy(true);
    setFault(null);
    setFault(await signOut());
    setBusy(false);
  };
  return (
    <>
      {/* Not `disabled`, which takes the focus away. */}
      <button type="button" className={className} title={title} aria-disabled={busy} onClick={leave}>
        Sign out
      </button>
      {fault !== null && (
        <span className="fault" role="alert">
          Not signed out: {fault}
        </span>
      )}
    </>
  );
}
