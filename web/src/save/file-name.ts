// Times in files and their names, always UTC.

/** Microseconds since 1970 as ISO 8601 with all six digits. */
export function utc(us: number): string {
  const whole_ms = Math.floor(us / 1000);
  return `${new Date(whole_ms).toISOString().slice(0, -1)}${String(Math.floor(us - whole_ms * 1000)).padStart(3, "0")}Z`;
}

/** Colons are not allowed in names everywhere. */
export function fileName(us: number, what: string): string {
  return `photophone-${utc(us).slice(0, 19).replaceAll(":", "-")}Z-${what}`;
}
