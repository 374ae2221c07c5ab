// A button that opens a list of actions. Esc, and what happens elsewhere, close it.

import { type ReactNode, type RefObject, useEffect, useRef } from "react";

export interface MenuItem {
  name: string;
  title: string;
  act: () => void;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /** Stands below the button, also while the list is closed. */
  children?: ReactNode;
}

export function Menu({ label, items, children }: MenuProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => closeByItself(details), []);
  const act = (item: MenuItem) => {
    close(details, true);
    item.act();
  };
  return (
    <div className="menu">
      <details ref={details}>
        <summary className="button">{label}</summary>
        <div className="menu-items">
          {items.map((item) => (
            <button key={item.name} type="button" className="button" title={item.title} onClick={() => act(item)}>
              {item.name}
            </button>
          ))}
        </div>
      </details>
      {children}
    </div>
  );
}

type Details = RefObject<HTMLDetailsElement | null>;

function close({ current }: Details, focus: boolean): void {
  if (!current?.open) return;
  current.open = false;
  if (focus) current.querySelector("summary")?.focus();
}

function closeByItself(details: Details): () => void {
  const controller = new AbortController();
  const outside = ({ target }: Event) => {
    if (target instanceof Node && !details.current?.contains(target)) close(details, false);
  };
  addEventListener("pointerdown", outside, controller);
  addEventListener("focusin", outside, controller);
  details.current?.addEventListener("keydown", ({ key }) => key === "Escape" && close(details, true), controller);
  return () => controller.abort();
}
