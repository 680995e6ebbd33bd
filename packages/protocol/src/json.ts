/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object; `__proto__` and `constructor` in it are plain data. */
export type JsonObject = { [key: string]: Json };

/** A named value, as parameters and annotations travel. */
export interface KeyValue {
  key: string;
  value: Json;
}
