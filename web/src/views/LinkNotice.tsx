// Tells what of the address was not followed: unknown settings, and values that a setting cannot have.

import { useState } from "react";

export function LinkNotice({ problems }: { problems: readonly string[] }) {
  const [open, setOpen] = useState(problems.length > 0);
  if (!open) return null;
  return (
    <output className="notice warn">
      <strong>Not all of the link was followed</strong>
      <span>{problems.join("; ")}</span>
      <button type="button" className="button" onClick={() => setOpen(false)}>
        Close
      </button>
    </output>
  );
}
