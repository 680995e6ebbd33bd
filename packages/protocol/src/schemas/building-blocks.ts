import Type, { type TObject, type TProperties, type TSchema } from 'typebox';

/** Documents are closed: a client's check refuses what the schema doesn't list. */
export function closed<P extends TProperties>(properties: P, description?: string): TObject<P> {
  return Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });
}

/** A definition by its name; where it lies depends on the document, see `documents/`. */
export function ref(definition: string): TSchema {
  return Type.Unsafe({ $ref: `#/definitions/${definition}` });
}

/** One of some texts. */
export function oneOf(values: readonly string[], description: string): TSchema {
  return Type.Unsafe({ type: 'string', enum: values, description });
}

export const text = (description: string) => Type.String({ description });
export const integer = (description: string) => Type.Integer({ description });
export const flag = (description: string) => Type.Boolean({ description });

/** Epoch milliseconds. */
export const time = (description: string) => Type.Integer({ description, format: 'int64' });

/** What nearly every entity shows of itself. */
export const identityMembers = {
  namespace: text('Namespace of the entity, `ns` or `ns/pkg`'),
  name: text('Name of the entity'),
  version: text('Semantic version, raised at every update'),
  publish: flag('Whether others may use it'),
};

export const annotations = Type.Optional(
  Type.Array(ref('KeyValue'), { description: 'Annotations, in their order' }),
);
export const parameters = Type.Optional(
  Type.Array(ref('KeyValue'), { description: 'Bound parameters, in their order' }),
);
export const updated = Type.Optional(time('When it was last written, in epoch milliseconds'));
