/// The API's description, OpenAPI 3.1, as it is served at `/v1/openapi.json`.
enum OpenAPI {
    static let document = paths + components

    private static let paths = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Jalon",
            "version": "1",
            "description": "A ledger of commitments and milestones. Reading is anonymous; submitting needs a transaction signed by a member's key. Values are decimal texts, digests lower-case hexadecimal, times milliseconds since 1970 UTC, days ISO 8601. An absent field is left out. Errors are problems of RFC 9457 with a stable `code`. Cross-origin reading is allowed from anywhere, cross-origin submitting is not."
          },
          "paths": {
            "/v1/transactions": {
              "post": {
                "summary": "Submit one signed transaction, or a CBOR sequence of at most 256 (1 MiB). The same bytes get the same answer and are recorded once.",
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/cose": { "schema": { "type": "string", "contentMediaType": "application/cose" } },
                    "application/cbor-seq": { "schema": { "type": "string", "contentMediaType": "application/cbor-seq" } }
                  }
                },
                "responses": {
                  "200": { "description": "Each is final or rejected.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/SubmitResult" } } } },
                  "202": { "description": "At least one is accepted and pending.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/SubmitResult" } } } },
                  "default": { "$ref": "#/components/responses/Problem" }
                }
              }
            },
            "/v1/transactions/{id}": {
              "get": {
                "summary": "What the node knows of a transaction; 404 with the same schema where it is unknown.",
                "parameters": [ { "$ref": "#/components/parameters/digest" } ],
                "responses": { "200": { "$ref": "#/components/responses/Transaction" }, "404": { "$ref": "#/components/responses/Transaction" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/transactions/{id}/wait": {
              "get": {
                "summary": "Wait until it is final, rejected or expired, for at most `timeout` seconds.",
                "parameters": [
                  { "$ref": "#/components/parameters/digest" },
                  { "name": "timeout", "in": "query", "schema": { "type": "integer", "minimum": 0, "maximum": 60, "default": 30 } }
                ],
                "responses": { "200": { "$ref": "#/components/responses/Transaction" }, "404": { "$ref": "#/components/responses/Transaction" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/transactions/{id}/bytes": {
              "get": {
                "summary": "The full bytes of a transaction: a COSE_Sign1.",
                "parameters": [ { "$ref": "#/components/parameters/digest" } ],
                "responses": { "200": { "description": "The bytes.", "content": { "application/cose": {} } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/genesis": {
              "get": {
                "summary": "The genesis as CBOR: its SHA-256 is the chain's id, and everything else follows from it.",
                "responses": { "200": { "description": "The bytes.", "content": { "application/cbor": {} } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/ledger": {
              "get": {
                "summary": "Final blocks with their finalizations, to check or to copy the ledger.",
                "parameters": [
                  { "name": "from", "in": "query", "description": "The height of the first.", "schema": { "type": "integer", "minimum": 1, "default": 1 } },
                  { "name": "limit", "in": "query", "description": "The most blocks; fewer where they are large.", "schema": { "type": "integer", "minimum": 1, "maximum": 256, "default": 256 } }
                ],
                "responses": { "200": { "description": "A CBOR sequence of `[block, finalization]`, two byte strings, in the order of the heights; the second is empty where a block is final only through a later one. Empty above the head.", "content": { "application/cbor-seq": {} } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/snapshot": {
              "get": {
                "summary": "A snapshot, for a node to join by: the state after one of the last blocks, checked from the genesis alone. 429 while as many are sent as the node does at once.",
                "responses": { "200": { "description": "A CBOR sequence: the head, the ends of the epochs, the base, the blocks of the replay window, the leaves of the state.", "content": { "application/cbor-seq": {} } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/transactions/{id}/receipt": {
              "get": {
                "summary": "A final transaction as a transparent statement (RFC 9943): the COSE_Sign1 with receipts (RFC 9942) of a quorum of validators under header 394.",
                "parameters": [ { "$ref": "#/components/parameters/digest" } ],
                "responses": { "200": { "description": "The statement.", "content": { "application/scitt-statement+cose": {} } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/transactions/{id}/proof": {
              "get": {
                "summary": "A proof file: the transaction, its place in the log, the votes, the validators since the genesis, and what the state holds of it now. Checked with the genesis alone.",
                "parameters": [ { "$ref": "#/components/parameters/digest" } ],
                "responses": { "200": { "$ref": "#/components/responses/Proof" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/proofs/consistency": {
              "get": {
                "summary": "A proof file: the log of block `to` begins with that of block `from`.",
                "parameters": [
                  { "name": "from", "in": "query", "required": true, "description": "The earlier height.", "schema": { "type": "integer", "minimum": 1 } },
                  { "name": "to", "in": "query", "description": "The later height; absent: the head's.", "schema": { "type": "integer", "minimum": 1 } }
                ],
                "responses": { "200": { "$ref": "#/components/responses/Proof" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/proofs/state": {
              "get": {
                "summary": "A proof file: what the state holds at a path, or that it holds nothing there.",
                "parameters": [ { "name": "path", "in": "query", "required": true, "description": "For example `commitment/CN-HN-2020-001`.", "schema": { "type": "string" } } ],
                "responses": { "200": { "$ref": "#/components/responses/Proof" }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/blocks/{reference}": {
              "get": {
                "summary": "A final block by height, by id, or the head.",
                "parameters": [ { "name": "reference", "in": "path", "required": true, "description": "A height, 64 hexadecimal digits, or `head`.", "schema": { "type": "string" } } ],
                "responses": { "200": { "description": "The block: its header, a line for each transaction, the signers whose votes the node holds.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/headers/{height}": {
              "get": {
                "summary": "The header of a final block, with the bytes whose SHA-256 is its id.",
                "parameters": [ { "name": "height", "in": "path", "required": true, "schema": { "type": "integer", "minimum": 0 } } ],
                "responses": { "200": { "description": "The header.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/head": {
              "get": {
                "summary": "The node, its last final block, and how many validators it hears.",
                "responses": { "200": { "description": "The node's status.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/NodeStatus" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/members": {
              "get": { "summary": "Members, their roles and keys.", "responses": { "200": { "description": "The list.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } } }
            },
            "/v1/evidence": {
              "get": {
                "summary": "Validators that contradicted themselves, each with both signed votes.",
                "responses": { "200": { "description": "The list.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/MisconductList" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/governance": {
              "get": {
                "summary": "Proposals with their votes and the arithmetic, the parameters in force, and the validators that may come, with who is ready.",
                "responses": { "200": { "description": "The government of the network.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Governance" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/plans": {
              "get": { "summary": "The published plans.", "responses": { "200": { "description": "The list.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } } }
            },
            "/v1/commitments": {
              "get": {
                "summary": "Commitments with their statuses, by id.",
                "parameters": [
                  { "name": "region", "in": "query", "description": "ISO 3166-2: CN-HE is Hebei, CN-HB is Hubei.", "schema": { "type": "string" } },
                  { "name": "sector", "in": "query", "schema": { "type": "string" } },
                  { "name": "status", "in": "query", "schema": { "$ref": "#/components/schemas/StatusCode" } },
                  { "name": "plan", "in": "query", "schema": { "type": "string" } },
                  { "$ref": "#/components/parameters/asOf" }, { "$ref": "#/components/parameters/height" },
                  { "$ref": "#/components/parameters/limit" },
                  { "$ref": "#/components/parameters/cursor" }
                ],
                "responses": { "200": { "description": "A page; `next`, where present, is the cursor of the next.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/commitments/{id}": {
              "get": {
                "summary": "A commitment with all its versions and why it has its status.",
                "parameters": [ { "$ref": "#/components/parameters/commitment" }, { "$ref": "#/components/parameters/asOf" }, { "$ref": "#/components/parameters/height" } ],
                "responses": { "200": { "description": "The commitment.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Commitment" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/commitments/{id}/milestones": {
              "get": {
                "summary": "Its milestones, replaced and retracted ones too.",
                "parameters": [ { "$ref": "#/components/parameters/commitment" }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
                "responses": { "200": { "description": "A page.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/MilestonePage" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/attestations": {
              "get": {
                "summary": "Attestations of a milestone, by age, the revoked ones too.",
                "parameters": [ { "name": "milestone", "in": "query", "required": true, "description": "The transaction that reported it.", "schema": { "type": "string", "pattern": "^[0-9a-fA-F]{64}$" } }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
                "responses": { "200": { "description": "A page.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/AttestationPage" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/attestations/{id}": {
              "get": {
                "summary": "An auditor's verdict on a milestone.",
                "parameters": [ { "$ref": "#/components/parameters/digest" } ],
                "responses": { "200": { "description": "It, with its words.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Attestation" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/disputes": {
              "get": {
                "summary": "Disputes, by age.",
                "parameters": [ { "name": "commitment", "in": "query", "description": "The commitment that they are about, or whose milestone.", "schema": { "type": "string" } }, { "name": "open", "in": "query", "description": "Only those that wait for their end, or that don't.", "schema": { "type": "boolean" } }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
                "responses": { "200": { "description": "A page.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/DisputePage" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/disputes/{id}": {
              "get": {
                "summary": "A dispute with its answer and resolution.",
                "parameters": [ { "$ref": "#/components/parameters/digest" } ],
                "responses": { "200": { "description": "It, with its words.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Dispute" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/directives": {
              "get": {
                "summary": "Directives, by age.",
                "parameters": [ { "name": "to", "in": "query", "description": "The addressee, a member's id.", "schema": { "type": "string" } }, { "name": "from", "in": "query", "description": "The regulator, a member's id.", "schema": { "type": "string" } }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
                "responses": { "200": { "description": "A page.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/DirectivePage" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/directives/{id}": {
              "get": {
                "summary": "A directive with its acknowledgement and replies.",
                "parameters": [ { "$ref": "#/components/parameters/digest" } ],
                "responses": { "200": { "description": "It, with its words.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Directive" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/delegations": {
              "get": {
                "summary": "What a member ever lent to keys, by key id.",
                "parameters": [ { "name": "member", "in": "query", "required": true, "description": "The member's id.", "schema": { "type": "string" } }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
                "responses": { "200": { "description": "A page.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/DelegationPage" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/status": {
              "get": {
                "summary": "Regions with their counts by status, and a page of the commitments.",
                "parameters": [ { "$ref": "#/components/parameters/asOf" }, { "$ref": "#/components/parameters/height" }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
                "responses": { "200": { "description": "The report.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/feed": {
              "get": {
                "summary": "Server-Sent Events: `event: block` for each final block, or with `detail=heads` `event: head` with the newest head; the `id` is the height. Resume with Last-Event-ID.",
                "parameters": [
                  { "name": "after", "in": "query", "schema": { "type": "integer", "minimum": 0 } },
                  { "name": "detail", "in": "query", "schema": { "enum": ["blocks", "heads"], "default": "blocks" } },
                  { "name": "Last-Event-ID", "in": "header", "schema": { "type": "string" } }
                ],
                "responses": { "200": { "description": "The stream.", "content": { "text/event-stream": {} } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/health/live": {
              "get": { "summary": "Whether the program runs.", "responses": { "200": { "description": "It does." } } }
            },
            "/health/ready": {
              "get": { "summary": "Whether the node serves the newest state and could confirm a transaction.", "responses": { "200": { "description": "It does." }, "503": { "description": "It does not; `reasons` says why." } } }
            },
            "/metrics": {
              "get": { "summary": "What the node has counted since its start, for Prometheus.", "responses": { "200": { "description": "The metrics.", "content": { "text/plain": { "schema": { "type": "string" } } } } } }
            }
          },

        """#
}
