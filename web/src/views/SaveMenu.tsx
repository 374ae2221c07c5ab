// What one can take away from the live view. Says for a moment what came of it.

import { useEffect, useMemo, useState } from "react";
import { saver } from "../save/save";
import type { Live } from "../stream/live";
import { shareLink } from "../view-link";
import { copyText } from "./copy-text";
import { Menu } from "./Menu";

/** How long the answer stands. */
const SAID_MS = 4000;

export function SaveMenu({ live, source_name }: { live: Live; source_name: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const save = useMemo(() => saver(live, () => source_name), [live, source_name]);
  const copy = async () => setSaid((await copyText(shareLink())) ? "Link copied" : "Not copied; the address bar holds the link");
  const picture = async () => {
    try {
      setSaid(await save.picture());
    } catch (error) {
      setSaid(`No picture: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const items = [
    { name: "Picture (PNG)", title: "All charts as they are seen", act: () => void picture() },
    { name: "Spectrum (CSV)", title: "The points of the spectrum drawn, holds too", act: () => setSaid(save.spectrum()) },
    { name: "Waveform (CSV)", title: "The points of the waveform drawn", act: () => setSaid(save.waveform()) },
    { name: "Copy link", title: "The address of this view: axes, holds, colours; not the signal", act: () => void copy() },
  ];
  return (
    <Menu label="Save" items={items}>
      <output className={said === "" ? "sr-only" : "said"}>{said}</output>
    </Menu>
  );
}
