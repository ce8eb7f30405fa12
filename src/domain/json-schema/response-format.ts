export type JsonSchema = Readonly<Record<string, unknown>>;

/** The form that a model's reply must have. */
export interface ResponseFormat {
  readonly name: string;
  readonly schema: JsonSchema;
}
