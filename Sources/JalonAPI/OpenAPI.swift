/// The API's description, OpenAPI 3.1, as it is served at `/v1/openapi.json`: the file `Assets/openapi.json`.
///
/// `scripts/api` holds a running network to it, field by field.
enum OpenAPI {
    static var document: [UInt8] { PackageResources.openapi_json }
}
