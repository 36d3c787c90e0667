/// The types of the HTTP API: what a node answers and a client reads.
///
/// They say in plain values what stands in the ledger and what was derived from it; no rule lives here. JSON keys are
/// the property names. Numbers of the domain (values, targets, baselines) are decimal texts such as `"9500"` or
/// `"0.25"`, because a JSON number is a floating-point number to most readers. Digests and ids of transactions, blocks
/// and keys are lower-case hexadecimal texts of 64 characters. Times are milliseconds since 1970 UTC; days are ISO 8601
/// texts such as `"2021-06-30"`. An absent field is left out, never null.
package enum API {}
