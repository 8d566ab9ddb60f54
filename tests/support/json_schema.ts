/**
 * The published schema of JSON lines, asked by a validator that is not ours.
 *
 * @module
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import schema from "../../docs/json.schema.json" with { type: "json" };

const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addSchema(schema, "lines");

/** What is wrong with a line of a command, `undefined` if nothing is. */
export function complaintAbout(command: string, text: string): string | undefined {
  const line = parsed(text);
  // The last line of a process that was killed may be cut.
  if (line === undefined) return undefined;
  const validate = validatorOf(command, line.event);
  if (validate(line)) return undefined;
  return `${command} printed ${text}: ${ajv.errorsText(validate.errors)}`;
}

function parsed(text: string): { event?: unknown } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only the variants of the line's own event: the others would complain about everything. */
function validatorOf(command: string, event: unknown): ValidateFunction {
  const kinds: readonly { properties: { event: { enum: readonly string[] } } }[] =
    schema.$defs[command as keyof typeof schema.$defs].anyOf;
  const indices = kinds.flatMap(({ properties }, index) => {
    return properties.event.enum.includes(String(event)) ? [index] : [];
  });
  const key = `${command} ${event}`;
  const known = ajv.getSchema(key);
  if (known) return known;
  const anyOf = indices.map((index) => ({ $ref: `lines#/$defs/${command}/anyOf/${index}` }));
  return ajv.compile({ $id: key, ...(anyOf.length === 0 ? { not: {} } : { anyOf }) });
}
