// The bar on top of the views of events.

import type { ReactNode } from "react";
import { SignOutButton } from "../auth/SignOutButton";
import { ThemeButton } from "./ThemeButton";
import { ViewNav } from "./ViewNav";

export function EventsBar({ badges, children }: { badges?: ReactNode; children?: ReactNode }) {
  return (
    <header className="top-bar">
      <h1>photophone</h1>
      <ViewNav />
      {badges && <div className="badges">{badges}</div>}
      <div className="actions">
        {children}
        <ThemeButton />
        <SignOutButton className="button" />
      </div>
    </header>
  );
}
