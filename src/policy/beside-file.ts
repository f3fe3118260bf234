/** A file that a document names, relative to its own: certificates and the like. Reading it is the caller's. */
export type BesideFile =
  | { readonly ok: true; readonly absolutePath: string; readonly text: string }
  | { readonly ok: false; readonly why: string };

/** `documentFile`: file of the document, as it is shown; `path`: as written. */
export type ReadBeside = (documentFile: string, path: string) => BesideFile;

/** For intent that is only text: every file is missing. */
export const readNothing: ReadBeside = () => ({ ok: false, why: "no files are at hand" });
