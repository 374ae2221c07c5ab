// The card in the middle that stands before the live view.

import type { ReactNode } from "react";

export function Frame({ children }: { children: ReactNode }) {
  return (
    <main className="login">
      <h1>photophone</h1>
      {children}
    </main>
  );
}
