/**
 * What a word that does not exist may have been meant as.
 *
 * @module
 */
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/**
 * The names that were probably meant, as the end of a complaint: those that begin like the given word, or
 * else the nearest one if it is near. The end is empty if there is none.
 *
 * @example
 * ```ts ignore
 * didYouMean("--int", ["--host", "--interval"]); // ", did you mean --interval"
 * ```
 */
export function didYouMean(given: string, names: readonly string[]): string {
  const word = bare(given);
  const begun = word === "" ? [] : names.filter((name) => bare(name).startsWith(word));
  const meant = begun.length > 0 ? begun : nearest(given, names);
  if (meant.length === 0) return "";
  const last = meant.slice(-2).join(" or ");
  return `, did you mean ${[...meant.slice(0, -2), last].join(", ")}`;
}

/** A word with half of its letters wrong is another word. */
function nearest(given: string, names: readonly string[]): string[] {
  const word = bare(given);
  const distances = names.map((name) => levenshteinDistance(word, bare(name)));
  const least = Math.min(...distances);
  const near = least <= word.length / 2;
  return near ? [names[distances.indexOf(least)]!] : [];
}

/** Without the dashes, which all options have in common. */
function bare(word: string): string {
  return word.replace(/^-+/, "").toLowerCase();
}
