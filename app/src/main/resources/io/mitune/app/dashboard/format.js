// Numbers and times as people read them.

const whole = new Intl.NumberFormat("en");

export const count = (n) => whole.format(n);

/** Small figures keep their digits, large ones lose theirs. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return value.toExponential(1);
  if (size >= 1000) return whole.format(Math.round(value));
  if (size < 1) return size === 0 ? "0" : value.toPrecision(digits);
  return value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}

export const nats = (value) => (value === null ? "failed" : value.toFixed(Math.abs(value) >= 100 ? 1 : 2));

export function rate(perSecond) {
  if (perSecond <= 0) return "idle";
  return perSecond >= 0.1 ? `${number(perSecond, 2)} / s` : `${number(perSecond * 60, 2)} / min`;
}

/** 75 is 1 min 15 s. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

export function ago(millis, now) {
  const seconds = Math.max(0, (now - millis) / 1000);
  return seconds < 5 ? "now" : `${duration(seconds)} ago`;
}

export const clock = (millis) =>
  new Date(millis).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const adapterName = (version) => (version > 0 ? `adapter v${version}` : "base model");

export const short = (hex) => (hex ? `${hex.slice(0, 12)}…` : "–");
