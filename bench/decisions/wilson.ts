/** A share with its 95 % interval by Wilson, which holds for 0 of n too. */
export function wilson(hits: number, of: number): { least: number; most: number } {
  const z = 1.959964;
  const share = hits / of;
  const centre = share + (z * z) / (2 * of);
  const half = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const whole = 1 + (z * z) / of;
  return { least: Math.max(0, (centre - half) / whole), most: (centre + half) / whole };
}

/** `0.12 % (0.05-0.24)`. */
export function shareText(hits: number, of: number): string {
  const { least, most } = wilson(hits, of);
  const digits = (value: number) => {
    const percent = value * 100;
    return percent === 0 ? "0" : percent.toFixed(percent < 10 ? 2 : 1);
  };
  return `${digits(hits / of)} % (${digits(least)}-${digits(most)})`;
}
