// Tells what of the address was not followed: unknown settings, and values that a setting cannot have.

import { useEffect, useState } from "react";

/** Only what comes into a live region that is there already is announced. */
const TELL_AFTER_MS = 200;

export function LinkNotice({ problems }: { problems: readonly string[] }) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOpen(problems.length > 0), TELL_AFTER_MS);
    return () => clearTimeout(timer);
  }, [problems]);
  return (
    <output className={open ? "notice warn" : "sr-only"}>
      {open && (
        <>
          <strong>Not all of the link was followed</strong>
          <span>{problems.join("; ")}</span>
          <button type="button" className="button" onClick={() => setOpen(false)}>
            Close
          </button>
        </>
      )}
    </output>
  );
}
