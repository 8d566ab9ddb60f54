/**
 * The places in a page that is written by hand where something comes from the code.
 *
 * @module
 */

/**
 * The page with each text in its place, between `<!-- KIND NAME -->` and `<!-- end of KIND -->`.
 *
 * @param kind what the places are called
 * @param texts by name
 * @throws {Error} if a text has no place, or a place no text
 */
export function withPlaces(
  page: string,
  kind: string,
  texts: ReadonlyMap<string, string>,
): string {
  const found = new Set<string>();
  const place = new RegExp(`<!-- ${kind} (.+?) -->\\n[^]*?<!-- end of ${kind} -->`, "g");
  const written = page.replaceAll(place, (_, name: string) => {
    const text = texts.get(name);
    if (text === undefined) throw new Error(`Cannot write the ${kind} of ${name}: there is none`);
    found.add(name);
    return `<!-- ${kind} ${name} -->\n${text}\n<!-- end of ${kind} -->`;
  });
  const missing = [...texts.keys()].filter((name) => !found.has(name));
  if (missing.length === 0) return written;
  throw new Error(
    `Cannot write the ${kind} of ${missing.join(", ")}: the page has no place for it`,
  );
}
