/**
 * One row that this machine cannot measure, told in one line, so that the others go on.
 *
 * @module
 */
import { CannotMeasure, type Children } from "./children.ts";

/** What `measure` found; `undefined` after a line that says why it could not. */
export async function measurable<T>(
  row: string,
  children: Pick<Children, "end">,
  measure: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await measure();
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    console.error(`${row}: ${error.message}`);
    children.end();
    return undefined;
  }
}
