/** Drawn here: a font of the reader's machine may lack the sign. */
const PATHS = {
  ok: "M3 8.5 6.5 12 13 4.5",
  bad: "M4 4l8 8M12 4l-8 8",
  warn: "M8 2 15 14H1ZM8 6.5v3.5M8 12v.2",
  wait: "M8 2a6 6 0 1 0 .01 0M8 4.5V8l2.5 2",
  pause: "M5.5 3v10M10.5 3v10",
  off: "M3 8h10",
  eye: "M1 8s2.5-4.5 7-4.5S15 8 15 8s-2.5 4.5-7 4.5S1 8 1 8Zm7-2a2 2 0 1 0 .01 0",
  person: "M8 8a3 3 0 1 0-.01 0M2.5 14c.5-3 3-4 5.5-4s5 1 5.5 4",
  snow: "M8 1v14M2 4.5l12 7M14 4.5l-12 7",
  sun: "M8 5a3 3 0 1 0 .01 0M8 1v1.5M8 13.5V15M1 8h1.5M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13.500 10A6 6 0 1 1 6.500 2.300 5 5 0 0 0 13.500 10Z",
  back: "M6 3 2 7l4 4M2 7h8a4 4 0 0 1 0 8H7",
  key: "M10.500 2a3.500 3.500 0 1 0 .01 0M8 8l-6 6M4 12l1.500 1.500",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
