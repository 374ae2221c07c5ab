// Feeds of the server as a page names them: the last part of a stream's path, and its parameters.

export interface Feed {
  kind: string;
  query: string;
}

/** Equal for equal feeds; as tabs and the streams that they share call it. */
export type FeedKey = string;

export const keyOf = ({ kind, query }: Feed): FeedKey => `${kind}?${query}`;

/** What one tab may want at a time. */
export const FEEDS_PER_TAB = 6;
/** What the server allows on one socket. */
export const FEEDS_PER_SOCKET = 16;

/** What the page shows without parameters of its own: every frame, and a spectrum of each. */
export const FRAMES: Feed = { kind: "audio", query: "" };
export const SPECTRA: Feed = { kind: "spectral", query: "" };
