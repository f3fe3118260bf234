/**
 * The two schema builders every kind is made of. Each knows, beside what it takes, what the language names but this version
 * does not carry out, so that an operator reads "not supported yet" there and "did you mean" elsewhere. A message that begins
 * with a problem code is taken over as it stands by `issue.ts`; for unknown keys it holds one line per key.
 */
import { z } from "zod";
import { didYouMean } from "./nearest.ts";
import { show } from "./show.ts";

/** What the language names but is not carried out yet: the name, and the sentence's subject. */
export type Later = Readonly<Record<string, string>>;

/** An object with exactly these fields. */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape, later: Later = {}) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? (issue.keys as string[]).map((key) => unknownField(key, known, later)).join("\n")
        : undefined,
  });
}

function unknownField(key: string, known: readonly string[], later: Later): string {
  if (Object.hasOwn(later, key)) return `QM0011 ${notYet(later[key] ?? key)}`;
  const hint = didYouMean(key, known) || `; known here: ${known.join(", ")}`;
  return `QM0008 unknown field${hint}`;
}

/** One of the given words. */
export function oneOf<const Word extends string>(words: readonly Word[], later: Later = {}) {
  return z.enum(words as readonly [Word, ...Word[]], {
    error: ({ input }) =>
      typeof input === "string" ? (laterWord(input, later) ?? notOneOf(input, words)) : undefined,
  });
}

/** An object whose `key` says which of the options it is. */
export function variant<
  const Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(key: string, options: Options, later: Later = {}) {
  return z.discriminatedUnion(key, options, {
    error: (issue) => {
      if (issue.code !== "invalid_union") return undefined;
      const word = (issue.input as Record<string, unknown>)[key];
      if (word === undefined) return "QM0007 missing";
      const known = (issue as unknown as { options: string[] }).options;
      return typeof word === "string"
        ? (laterWord(word, later) ?? notOneOf(word, known))
        : `QM0006 ${show(word)} is not a string`;
    },
  });
}

function laterWord(word: string, later: Later): string | undefined {
  return Object.hasOwn(later, word) ? `QM0011 ${notYet(later[word] ?? word)}` : undefined;
}

function notOneOf(word: string, words: readonly string[]): string {
  return `QM0012 ${show(word)} is not one of ${words.join(", ")}${didYouMean(word, words)}`;
}

export function notYet(subject: string): string {
  return `${subject} not supported yet`;
}

/** A string that passes `fault`, which answers with what is wrong, as `CODE sentence`. */
export function text(fault: (value: string) => string | undefined) {
  return z.string().superRefine((value, context) => {
    const message = fault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}
