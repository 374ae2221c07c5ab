// Numbers as text. What is not known is an em dash, never a zero.

export const UNKNOWN = "—";

type Maybe = number | null | undefined;

const known = (value: Maybe): value is number => value !== null && value !== undefined && Number.isFinite(value);
/** Narrow no-break space between groups of three digits. */
const group = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** A number with fixed decimals, grouped digits and a true minus sign. */
export function fixed(value: Maybe, decimals: number): string {
  if (!known(value)) return UNKNOWN;
  const [whole = "", part] = Math.abs(value).toFixed(decimals).split(".");
  const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? "−" : "";
  return `${sign}${group(whole)}${part === undefined ? "" : `.${part}`}`;
}

/** A number with so many digits as one of the size of `like` has in the decimals left to it. */
export function significant(value: Maybe, digits: number, like: Maybe = value): string {
  if (!known(value)) return UNKNOWN;
  const size = known(like) && like !== 0 ? Math.floor(Math.log10(Math.abs(like))) : 0;
  return fixed(value, Math.min(Math.max(digits - 1 - size, 0), 12));
}

/** For what is far from 1: 1.23·10⁻⁶. */
export function scientific(value: Maybe): string {
  if (!known(value)) return UNKNOWN;
  const [digits = "", exponent = ""] = value.toExponential(2).split("e");
  const raised = Number(exponent).toString().replaceAll(/./g, (letter) => SUPERSCRIPTS[letter] ?? letter);
  return `${digits.replace("-", "−")}·10${raised}`;
}

const SUPERSCRIPTS: Record<string, string> = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

export function withUnit(value: Maybe, decimals: number, unit: string): string {
  return known(value) ? `${fixed(value, decimals)}\u00a0${unit}` : UNKNOWN;
}

export const count = (value: Maybe): string => fixed(value, 0);

/** A count in little room, rounded down from ten thousand on. */
export function shortCount(value: number): string {
  if (value < 10_000) return count(value);
  return value < 1e6 ? `${Math.floor(value / 1e3)}\u202fk` : `${fixed(Math.floor(value / 1e5) / 10, 1)}\u202fM`;
}

/** A level; −200 dBFS stands for digital silence. */
export function level(value_db: Maybe): string {
  if (value_db === Number.NEGATIVE_INFINITY) return "−∞";
  if (!known(value_db)) return UNKNOWN;
  return value_db <= -200 ? "−∞" : fixed(value_db, 1);
}

export function frequency(hz: Maybe): string {
  if (!known(hz)) return UNKNOWN;
  return hz >= 10_000 ? withUnit(hz / 1000, 3, "kHz") : withUnit(hz, 1, "Hz");
}

/** A signed number, for deviations. */
export function signed(value: Maybe, decimals: number, unit: string): string {
  if (!known(value)) return UNKNOWN;
  return `${value > 0 ? "+" : ""}${withUnit(value, decimals, unit)}`;
}

const two = (value: number) => String(value).padStart(2, "0");

/** Seconds as 1:02:03 or 2:03. */
export function clock(seconds: Maybe): string {
  if (!known(seconds)) return UNKNOWN;
  const whole = Math.floor(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Samples as a duration at a rate. */
export function samplesAsTime(samples: number | null, sample_rate: number | null): string {
  if (samples === null || sample_rate === null) return UNKNOWN;
  const ms = (samples / sample_rate) * 1000;
  return ms >= 1000 ? withUnit(ms / 1000, 2, "s") : withUnit(ms, ms < 100 ? 1 : 0, "ms");
}

/** A word of the API as people write it: `waiting_for_device` → "waiting for device". */
export const words = (name: string): string => name.replaceAll("_", " ");
