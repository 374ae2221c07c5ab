// Where to go after login. The value comes from the address bar, so it may be an attacker's.

/** The same-origin path in `next`, or "/" when it is absent, points elsewhere or would lead back to the login page. */
export function safeNextPath(next: string | null): string {
  if (next === null || !next.startsWith("/") || next.startsWith("//")) return "/";
  // Browsers read a backslash as a slash and drop tabs and newlines, so "/\t/evil" would become "//evil".
  if (/[\\\p{Cc}]/u.test(next)) return "/";
  const url = new URL(next, "http://origin.invalid");
  if (url.origin !== "http://origin.invalid" || url.pathname.startsWith("//")) return "/";
  if (url.pathname === "/login") return "/";
  return url.pathname + url.search + url.hash;
}

/** The login page's address that leads back to `here`. */
export function loginPath(here: { pathname: string; search: string }): string {
  return `/login?next=${encodeURIComponent(here.pathname + here.search)}`;
}
