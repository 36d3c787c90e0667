/// The API's description, OpenAPI 3.1, as it is served at `/v1/openapi.json`.
enum OpenAPI {
    static let document = #"""
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
                  { "$ref": "#/components/parameters/asOf" },
                  { "$ref": "#/components/parameters/limit" },
                  { "$ref": "#/components/parameters/cursor" }
                ],
                "responses": { "200": { "description": "A page; `next`, where present, is the cursor of the next.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/commitments/{id}": {
              "get": {
                "summary": "A commitment with all its versions and why it has its status.",
                "parameters": [ { "$ref": "#/components/parameters/commitment" }, { "$ref": "#/components/parameters/asOf" } ],
                "responses": { "200": { "description": "The commitment.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/commitments/{id}/milestones": {
              "get": {
                "summary": "Its milestones, replaced and retracted ones too.",
                "parameters": [ { "$ref": "#/components/parameters/commitment" }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
                "responses": { "200": { "description": "A page.", "content": { "application/json": { "schema": { "type": "object" } } } }, "default": { "$ref": "#/components/responses/Problem" } }
              }
            },
            "/v1/status": {
              "get": {
                "summary": "Regions with their counts by status, and a page of the commitments.",
                "parameters": [ { "$ref": "#/components/parameters/asOf" }, { "$ref": "#/components/parameters/limit" }, { "$ref": "#/components/parameters/cursor" } ],
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
          "components": {
            "parameters": {
              "digest": { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[0-9a-fA-F]{64}$" } },
              "commitment": { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$" } },
              "asOf": { "name": "asOf", "in": "query", "description": "The day to judge at; absent: the network's own.", "schema": { "type": "string", "format": "date" } },
              "limit": { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 500, "default": 100 } },
              "cursor": { "name": "cursor", "in": "query", "description": "The `next` of the page before.", "schema": { "type": "string" } }
            },
            "responses": {
              "Problem": { "description": "A problem of RFC 9457.", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
              "Transaction": { "description": "The transaction.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Transaction" } } } }
            },
            "schemas": {
              "Problem": {
                "type": "object",
                "required": [ "type", "title", "status", "detail", "code" ],
                "properties": {
                  "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
                  "detail": { "type": "string" }, "code": { "type": "string", "examples": [ "E_DUPLICATE_PERIOD" ] },
                  "hint": { "type": "string" }, "transaction": { "type": "string" }
                }
              },
              "Transaction": {
                "type": "object",
                "required": [ "state" ],
                "properties": {
                  "id": { "type": "string" },
                  "state": { "enum": [ "unknown", "pending", "rejected", "final", "expired" ] },
                  "height": { "type": "integer" }, "position": { "type": "integer" }, "block": { "type": "string" },
                  "logIndex": { "type": "integer" }, "timestamp": { "type": "integer" },
                  "problem": { "$ref": "#/components/schemas/Problem" },
                  "type": { "type": "string" }, "issuer": { "type": "string" }, "subject": { "type": "string" },
                  "keyID": { "type": "string" }, "expires": { "type": "integer" }, "byteCount": { "type": "integer" },
                  "isFictional": { "type": "boolean", "description": "Show DEMO DATA beside it." },
                  "body": { "description": "The signed body for reading; the truth is the bytes." }
                }
              },
              "SubmitResult": {
                "type": "object",
                "required": [ "transactions" ],
                "properties": { "transactions": { "type": "array", "items": { "$ref": "#/components/schemas/Transaction" } } }
              },
              "StatusCode": {
                "enum": [ "proposed", "returned", "withdrawn", "suspended", "cancelled", "superseded", "notAssessable", "achieved", "claimed", "achievedLate", "missed", "awaitingFinal", "inProgress", "notStarted", "noData", "onTrack", "atRisk", "behind" ]
              },
              "Governance": {
                "type": "object",
                "required": [ "height", "epoch", "validators", "quorum", "parameters", "proposals", "pending", "next" ],
                "properties": {
                  "height": { "type": "integer" }, "epoch": { "type": "integer" },
                  "validators": { "type": "array", "items": { "type": "string" } }, "quorum": { "type": "integer" },
                  "parameters": { "type": "object", "additionalProperties": { "type": "string" } },
                  "proposals": { "type": "array", "items": { "$ref": "#/components/schemas/Proposal" } },
                  "pending": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": [ "id", "member", "change", "height", "expires" ],
                      "properties": {
                        "id": { "type": "string" }, "member": { "type": "string" },
                        "change": { "type": "string", "enum": [ "seat", "removal", "recovery" ] },
                        "height": { "type": "integer" }, "due": { "type": "integer" }, "expires": { "type": "integer" }
                      }
                    }
                  },
                  "next": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": [ "members", "quorum", "ready", "changes" ],
                      "properties": {
                        "members": { "type": "array", "items": { "type": "string" } }, "quorum": { "type": "integer" },
                        "ready": { "type": "array", "items": { "type": "string" } },
                        "changes": { "type": "array", "items": { "type": "string" } }
                      }
                    }
                  }
                }
              },
              "Proposal": {
                "type": "object",
                "required": [ "id", "action", "summary", "reason", "proposer", "height", "outcome", "votes", "yes", "no", "voters", "needed" ],
                "properties": {
                  "id": { "type": "string" }, "action": { "type": "string" }, "summary": { "type": "object" }, "member": { "type": "string" },
                  "reason": { "type": "string" }, "proposer": { "type": "string" }, "height": { "type": "integer" },
                  "outcome": { "type": "string", "enum": [ "open", "expired", "rejected", "passed", "effective", "void" ] },
                  "votes": { "type": "array", "items": { "type": "object", "properties": { "member": { "type": "string" }, "ballot": { "type": "string" } } } },
                  "yes": { "type": "integer" }, "no": { "type": "integer" }, "voters": { "type": "integer" }, "needed": { "type": "integer" },
                  "effectiveHeight": { "type": "integer" }
                }
              },
              "MisconductList": {
                "type": "object",
                "required": [ "evidence" ],
                "properties": {
                  "evidence": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": [ "member", "validator", "epoch", "view", "votes", "proof" ],
                      "properties": {
                        "member": { "type": "string" }, "validator": { "type": "integer" },
                        "epoch": { "type": "integer" }, "view": { "type": "integer" },
                        "votes": {
                          "type": "array",
                          "items": {
                            "type": "object",
                            "properties": { "kind": { "enum": ["notarize", "nullify", "finalize"] }, "block": { "type": "string" } }
                          }
                        },
                        "proof": { "type": "string", "contentEncoding": "base64", "contentMediaType": "application/cbor", "description": "Both votes as signed." }
                      }
                    }
                  }
                }
              },
              "NodeStatus": {
                "type": "object",
                "required": [ "network", "chain", "head", "validators", "asOf", "isDemonstrationDate", "hasDemoData", "isReady" ],
                "properties": {
                  "network": { "type": "string" }, "chain": { "type": "string" }, "member": { "type": "string" },
                  "isValidator": { "type": "boolean" },
                  "voting": {
                    "type": "object", "description": "Whether its vote may be cast; absent for an observer.",
                    "required": [ "state" ],
                    "properties": {
                      "state": { "enum": ["checking", "rejoining", "diskFull", "voting"] },
                      "answers": { "type": "integer" }, "needed": { "type": "integer" },
                      "waitsFor": { "type": "array", "items": { "type": "string" } },
                      "firstView": { "type": "integer" }
                    }
                  },
                  "version": { "type": "string" }, "view": { "type": "integer" },
                  "head": {
                    "type": "object",
                    "properties": {
                      "height": { "type": "integer" }, "block": { "type": "string" }, "stateRoot": { "type": "string" },
                      "logSize": { "type": "integer" }, "logRoot": { "type": "string" }, "epoch": { "type": "integer" },
                      "view": { "type": "integer" }, "timestamp": { "type": "integer" }
                    }
                  },
                  "validators": {
                    "type": "object",
                    "properties": {
                      "total": { "type": "integer" }, "needed": { "type": "integer" },
                      "connected": { "type": "integer" },
                      "toleratedFaults": { "type": "integer", "description": "0 for three validators or fewer: the ledger stops when one of them stops." }
                    }
                  },
                  "bestSignedHeight": { "type": "integer" }, "isReady": { "type": "boolean" },
                  "notReady": { "type": "array", "items": { "type": "string" } },
                  "asOf": { "type": "string", "format": "date" }, "isDemonstrationDate": { "type": "boolean" },
                  "hasDemoData": { "type": "boolean" }
                }
              }
            }
          }
        }
        """#
}
