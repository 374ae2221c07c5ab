// What the panels that are opened by a button show, prepared for the screen.

import type { BinaryMessage } from "@photophone/client/wire";
import { CrossScreen } from "./cross-screen";
import { type FeedKey, keyOf } from "./feeds";
import { LockinScreen } from "./lockin-screen";
import type { Tick, ViewRequest } from "./messages";
import { type PanelName, PANELS } from "./page-feeds";

export class PanelView {
  private readonly screens = { lockin: new LockinScreen(), cross: new CrossScreen() };
  private keys: Record<PanelName, FeedKey | null> = { lockin: null, cross: null };
  private renewed = { lockin: false, cross: false };
  private paused = false;

  lockin(message: BinaryMessage): void {
    if (message.kind === "lockin") this.push("lockin", message);
  }

  cross(message: BinaryMessage): void {
    if (message.kind === "spectrum") this.push("cross", message);
  }

  /** Whether there is anything to take. While paused it waits. */
  get fresh(): boolean {
    return !this.paused && (this.renewed.lockin || this.renewed.cross);
  }

  show({ feeds }: Pick<ViewRequest, "feeds">): void {
    for (const panel of PANELS) {
      const feed = feeds[panel];
      const key = feed ? keyOf(feed) : null;
      if (key !== this.keys[panel]) this.screens[panel].clear();
      this.keys[panel] = key;
      this.renewed[panel] = true;
    }
  }

  pause(paused: boolean): void {
    this.paused = paused;
  }

  take({ lockin_span_s, spectrum }: Pick<ViewRequest, "lockin_span_s" | "spectrum">): Pick<Tick, "lockin" | "cross"> {
    const { renewed, paused, screens } = this;
    if (paused) return {};
    this.renewed = { lockin: false, cross: false };
    return {
      ...(renewed.lockin && { lockin: screens.lockin.view(lockin_span_s) }),
      ...(renewed.cross && { cross: screens.cross.view(spectrum) }),
    };
  }

  private push(panel: PanelName, message: BinaryMessage): void {
    this.screens[panel].push(message);
    this.renewed[panel] = true;
  }
}
