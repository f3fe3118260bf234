/** The browser of a machine with a POSIX locale says `en-US@posix`. No `Intl` takes that, and uPlot asks one as it loads. */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}
