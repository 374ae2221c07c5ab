// What one can take away from the live view. Says for a moment what came of it.

import { useEffect, useState } from "react";
import { shareLink } from "../view-link";
import { copyText } from "./copy-text";
import { Menu } from "./Menu";

/** How long the answer stands. */
const SAID_MS = 4000;

export function SaveMenu() {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await copyText(shareLink())) ? "Link copied" : "Not copied; the address bar holds the link");
  const items = [{ name: "Copy link", title: "The address of this view: axes, holds, colours; not the signal", act: () => void copy() }];
  return (
    <Menu label="Save" items={items}>
      <output className={said === "" ? "sr-only" : "said"}>{said}</output>
    </Menu>
  );
}
