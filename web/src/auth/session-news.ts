// What tabs tell each other of the session, which they share as they share its cookie.

export type SessionNews = "begun" | "ended";

const CHANNEL = "session";

/** Tells all tabs, this one too, and the streams. */
export function tellSession(news: SessionNews): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(news);
  channel.close();
}

/** Listens until the returned function is called. */
export function onSessionNews(listener: (news: SessionNews) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }: MessageEvent<SessionNews>) => listener(data));
  return () => channel.close();
}
