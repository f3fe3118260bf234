/** Messages that proto3 JSON writes as a bare value, by full name. */
export const WRAPPER = /^\.google\.protobuf\.(Double|Float|U?Int(32|64)|Bool|String|Bytes)Value$/;

/** Messages whose JSON is not an object: inside an `Any` they stand under `value`. */
export const UNWRAPPED_IN_ANY =
  /^\.google\.protobuf\.(Duration|Struct|Value|ListValue|(\w+Value))$/;
