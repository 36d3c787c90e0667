/// The parameters, answers and schemas that the description of the paths refers to.
extension OpenAPI {
    static let components = #"""
          "components": {
            "parameters": {
              "digest": { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[0-9a-fA-F]{64}$" } },
              "commitment": { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$" } },
              "height": { "name": "height", "in": "query", "description": "After which block; absent: the last one. The state after a past block is made by executing the chain again: 503 with Retry-After while that goes on.", "schema": { "type": "integer", "minimum": 0 } },
              "asOf": { "name": "asOf", "in": "query", "description": "The day to judge at; absent: the network's own, which is that of the block unless a parameter fixes it.", "schema": { "type": "string", "format": "date" } },
              "limit": { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 500, "default": 100 } },
              "cursor": { "name": "cursor", "in": "query", "description": "The `next` of the page before.", "schema": { "type": "string" } }
            },
            "responses": {
              "Problem": { "description": "A problem of RFC 9457.", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
              "Proof": { "description": "The file, CBOR of the version `jalon-proof/1`.", "content": { "application/vnd.jalon.proof+cbor": {} } },
              "Transaction": { "description": "The transaction.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Transaction" } } } }
            },
            "schemas": {
              "Problem": {
                "type": "object",
                "required": [ "type", "title", "status", "detail", "code" ],
                "properties": {
                  "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
                  "detail": { "type": "string" }, "code": { "type": "string", "examples": [ "E_DUPLICATE_PERIOD" ] },
                  "hint": { "type": "string" }, "transaction": { "type": "string" },
                  "retryAfter": { "type": "integer", "description": "Seconds, as in the header Retry-After." }
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
                  "summary": { "type": "object", "description": "What it did, in words after the issuer's name." },
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
              "SignedStep": {
                "type": "object",
                "required": [ "transaction", "issuer", "height", "timestamp", "evidence", "isLate" ],
                "properties": {
                  "transaction": { "type": "string" },
                  "issuer": { "type": "string" },
                  "height": { "type": "integer" },
                  "timestamp": { "type": "integer" },
                  "text": { "type": "string", "description": "The words or the reason given." },
                  "evidence": { "type": "array", "items": { "type": "object" } },
                  "isLate": { "type": "boolean", "description": "Whether it came after the day that it was due." }
                }
              },
              "Cosignatures": {
                "type": "object",
                "required": [ "required", "named", "signed", "missing" ],
                "properties": {
                  "required": { "type": "integer" },
                  "named": { "type": "array", "items": { "type": "string" } },
                  "signed": { "type": "array", "items": { "type": "string" } },
                  "missing": { "type": "array", "items": { "type": "string" }, "description": "Named and not signed yet." }
                }
              },
              "Attestation": {
                "type": "object",
                "required": [ "id", "commitment", "milestone", "auditor", "verdict", "method", "reason", "evidence", "height", "timestamp" ],
                "properties": {
                  "id": { "type": "string" },
                  "commitment": { "type": "string" },
                  "milestone": { "type": "string" },
                  "auditor": { "type": "string" },
                  "verdict": { "enum": ["confirmed", "reserved", "refuted", "unable"] },
                  "method": { "type": "string" },
                  "sample": { "type": "string" },
                  "reason": { "type": "string" },
                  "evidence": { "type": "array", "items": { "type": "object" } },
                  "height": { "type": "integer" },
                  "timestamp": { "type": "integer" },
                  "revoked": { "$ref": "#/components/schemas/SignedStep" }
                }
              },
              "AttestationPage": {
                "type": "object",
                "required": [ "height", "attestations" ],
                "properties": {
                  "height": { "type": "integer" },
                  "attestations": { "type": "array", "items": { "$ref": "#/components/schemas/Attestation" } },
                  "next": { "type": "string" }
                }
              },
              "Dispute": {
                "type": "object",
                "required": [ "id", "commitment", "opener", "ground", "text", "evidence", "state", "height", "timestamp" ],
                "properties": {
                  "id": { "type": "string" },
                  "commitment": { "type": "string" },
                  "milestone": { "type": "string" },
                  "opener": { "type": "string" },
                  "respondent": { "type": "string" },
                  "ground": { "enum": ["wrongRegion", "wrongValue", "wrongSource", "duplicate", "other"] },
                  "text": { "type": "string" },
                  "evidence": { "type": "array", "items": { "type": "object" } },
                  "state": { "enum": ["open", "answered", "upheld", "rejected", "withdrawn"] },
                  "height": { "type": "integer" },
                  "timestamp": { "type": "integer" },
                  "answer": { "$ref": "#/components/schemas/SignedStep" },
                  "resolution": { "$ref": "#/components/schemas/SignedStep" }
                }
              },
              "DisputePage": {
                "type": "object",
                "required": [ "height", "disputes" ],
                "properties": {
                  "height": { "type": "integer" },
                  "disputes": { "type": "array", "items": { "$ref": "#/components/schemas/Dispute" } },
                  "next": { "type": "string" }
                }
              },
              "Directive": {
                "type": "object",
                "required": [ "id", "from", "to", "due", "title", "text", "height", "timestamp", "isOverdue", "replies" ],
                "properties": {
                  "id": { "type": "string" },
                  "from": { "type": "string" },
                  "to": { "type": "string" },
                  "commitment": { "type": "string" },
                  "due": { "type": "string", "format": "date" },
                  "title": { "type": "object" },
                  "text": { "type": "object" },
                  "height": { "type": "integer" },
                  "timestamp": { "type": "integer" },
                  "isOverdue": { "type": "boolean" },
                  "acknowledgement": { "$ref": "#/components/schemas/SignedStep" },
                  "replies": { "type": "array", "items": { "$ref": "#/components/schemas/SignedStep" } }
                }
              },
              "DirectivePage": {
                "type": "object",
                "required": [ "height", "directives" ],
                "properties": {
                  "height": { "type": "integer" },
                  "directives": { "type": "array", "items": { "$ref": "#/components/schemas/Directive" } },
                  "next": { "type": "string" }
                }
              },
              "Delegation": {
                "type": "object",
                "required": [ "key", "member", "types", "isForAll", "commitments", "expires", "isInForce", "transaction", "height", "timestamp" ],
                "properties": {
                  "key": { "type": "string" },
                  "member": { "type": "string" },
                  "types": { "type": "array", "items": { "type": "string" } },
                  "isForAll": { "type": "boolean" },
                  "commitments": { "type": "array", "items": { "type": "string" } },
                  "expires": { "type": "integer", "description": "The last block time at which the key may sign." },
                  "isInForce": { "type": "boolean" },
                  "transaction": { "type": "string" },
                  "height": { "type": "integer" },
                  "timestamp": { "type": "integer" },
                  "revokedBy": { "type": "string" }
                }
              },
              "DelegationPage": {
                "type": "object",
                "required": [ "height", "delegations" ],
                "properties": {
                  "height": { "type": "integer" },
                  "delegations": { "type": "array", "items": { "$ref": "#/components/schemas/Delegation" } },
                  "next": { "type": "string" }
                }
              },
              "CommitmentVersion": {
                "type": "object",
                "required": [ "number", "transaction", "issuer", "height", "timestamp", "target", "changed" ],
                "properties": {
                  "number": { "type": "integer" },
                  "transaction": { "type": "string" },
                  "issuer": { "type": "string" },
                  "height": { "type": "integer" },
                  "timestamp": { "type": "integer" },
                  "target": { "type": "object" },
                  "deadline": { "type": "object" },
                  "change": { "enum": ["editorial", "material"] },
                  "changed": { "type": "array", "items": { "type": "string" } },
                  "reasonCode": { "type": "string" },
                  "reason": { "type": "string" }
                }
              },
              "Milestone": {
                "type": "object",
                "required": [ "id", "commitment", "issuer", "periodEnd", "valueStatus", "evidence", "isFinal", "isFictional", "life", "flags", "verificationLevel", "isPending", "attestations", "height", "position", "timestamp" ],
                "properties": {
                  "id": { "type": "string" },
                  "commitment": { "type": "string" },
                  "issuer": { "type": "string" },
                  "periodStart": { "type": "string" },
                  "periodEnd": { "type": "string" },
                  "value": { "type": "string" },
                  "level": { "type": "integer" },
                  "doneItems": { "type": "array", "items": { "type": "string" } },
                  "valueStatus": { "type": "string" },
                  "evidence": { "type": "array", "items": { "type": "object" } },
                  "note": { "type": "string" },
                  "isFinal": { "type": "boolean" },
                  "isFictional": { "type": "boolean", "description": "Show DEMO DATA beside it." },
                  "life": { "enum": ["effective", "replaced", "retracted", "excluded"] },
                  "replaces": { "type": "string" },
                  "replacedBy": { "type": "string" },
                  "reasonCode": { "type": "string" },
                  "reason": { "type": "string" },
                  "flags": { "type": "array", "items": { "type": "string" } },
                  "verificationLevel": { "enum": ["L0", "L1", "L2", "L3"] },
                  "isPending": { "type": "boolean", "description": "It does not count before counterparties co-sign." },
                  "cosignatures": { "$ref": "#/components/schemas/Cosignatures" },
                  "attestations": { "type": "array", "items": { "$ref": "#/components/schemas/Attestation" } },
                  "height": { "type": "integer" },
                  "position": { "type": "integer" },
                  "timestamp": { "type": "integer" }
                }
              },
              "MilestonePage": {
                "type": "object",
                "required": [ "commitment", "height", "milestones" ],
                "properties": {
                  "commitment": { "type": "string" },
                  "height": { "type": "integer" },
                  "milestones": { "type": "array", "items": { "$ref": "#/components/schemas/Milestone" } },
                  "next": { "type": "string" }
                }
              },
              "Commitment": {
                "type": "object",
                "required": [ "id", "plan", "region", "title", "responsible", "indicator", "target", "start", "reporting", "minimumLevel", "life", "versions", "status", "milestoneCount", "pendingMilestoneCount", "openDisputeCount", "disputes", "transaction", "height" ],
                "properties": {
                  "id": { "type": "string" },
                  "plan": { "type": "string" },
                  "planTitle": { "type": "object" },
                  "region": { "type": "object" },
                  "subregions": { "type": "array", "items": { "type": "string" } },
                  "title": { "type": "object" },
                  "description": { "type": "object" },
                  "sectors": { "type": "array", "items": { "type": "object" } },
                  "themes": { "type": "array", "items": { "type": "string" } },
                  "responsible": { "type": "array", "items": { "type": "object" } },
                  "indicator": { "type": "object" },
                  "baseline": { "type": "string" },
                  "target": { "type": "object" },
                  "start": { "type": "string" },
                  "deadline": { "type": "object" },
                  "trajectory": { "type": "array", "items": { "type": "object" } },
                  "curve": { "type": "string" },
                  "reporting": { "type": "object" },
                  "minimumLevel": { "type": "string" },
                  "related": { "type": "array", "items": { "type": "string" } },
                  "joint": { "type": "array", "items": { "type": "string" } },
                  "jointSignatures": { "$ref": "#/components/schemas/Cosignatures" },
                  "counterparties": { "type": "object" },
                  "source": { "type": "object" },
                  "life": { "enum": ["proposed", "returned", "active", "withdrawn", "suspended", "cancelled", "superseded", "closed"] },
                  "lifeChange": { "$ref": "#/components/schemas/SignedStep" },
                  "lifeSteps": {
                    "type": "array", "description": "Every step in its life, oldest first; none in a list.",
                    "items": {
                      "type": "object", "required": [ "type", "transaction", "issuer", "key", "height", "timestamp" ],
                      "properties": {
                        "type": { "type": "string", "examples": [ "commitment.suspend" ] },
                        "transaction": { "type": "string" }, "issuer": { "type": "string" }, "key": { "type": "string" },
                        "height": { "type": "integer" }, "timestamp": { "type": "integer" },
                        "reason": { "type": "string" }, "successor": { "type": "string" }
                      }
                    }
                  },
                  "successor": { "type": "string" },
                  "versions": { "type": "array", "items": { "$ref": "#/components/schemas/CommitmentVersion" } },
                  "status": { "type": "object" },
                  "lastMilestone": { "$ref": "#/components/schemas/Milestone" },
                  "milestoneCount": { "type": "integer" },
                  "pendingMilestoneCount": { "type": "integer" },
                  "openDisputeCount": { "type": "integer" },
                  "disputes": { "type": "array", "items": { "$ref": "#/components/schemas/Dispute" } },
                  "transaction": { "type": "string" },
                  "height": { "type": "integer" }
                }
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
              "NodeList": {
                "type": "object",
                "required": [ "height", "block", "stateRoot", "view", "agreeing", "validators", "others", "nodes" ],
                "properties": {
                  "height": { "type": "integer" }, "block": { "type": "string" }, "stateRoot": { "type": "string" },
                  "view": { "type": "integer" },
                  "leader": { "type": "string", "description": "The member that proposes in this view." },
                  "nextLeader": { "type": "string" },
                  "agreeing": { "type": "integer", "description": "Validators whose last block is in this node's chain." },
                  "validators": { "type": "integer" },
                  "others": { "type": "array", "items": { "type": "string" }, "description": "Addresses of other nodes that serve the same." },
                  "nodes": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": [ "key", "isValidator", "isSelf", "isConnected", "agreement", "blocksBehind" ],
                      "properties": {
                        "key": { "type": "string" }, "member": { "type": "string" },
                        "isValidator": { "type": "boolean" }, "isSelf": { "type": "boolean" }, "isConnected": { "type": "boolean" },
                        "height": { "type": "integer" }, "block": { "type": "string" },
                        "agreement": { "enum": [ "same", "behind", "ahead", "differs", "unknown" ] },
                        "blocksBehind": { "type": "integer" }, "view": { "type": "integer" },
                        "skew": { "type": "integer", "description": "Milliseconds by which its clock is ahead of this node's." },
                        "heardAgo": { "type": "integer", "description": "Milliseconds since it told." },
                        "hears": { "type": "integer" }
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
                  "hasDemoData": { "type": "boolean" },
                  "storage": { "$ref": "#/components/schemas/StorageUse" }
                }
              },
              "StorageUse": {
                "type": "object", "description": "What the node's disk holds; absent before the first measurement.",
                "required": [ "ledgerBytes", "freeBytes" ],
                "properties": {
                  "ledgerBytes": { "type": "integer" },
                  "freeBytes": { "type": "integer", "description": "A validator votes no more below 64 MiB." },
                  "growth": {
                    "type": "object", "description": "By the times in the blocks, estimated; absent until the chain is an hour old.",
                    "required": [ "bytesPerDay", "lastDayBytesPerDay", "lastWeekBytesPerDay", "measuredHours" ],
                    "properties": {
                      "bytesPerDay": { "type": "integer", "description": "The greater of the next two." },
                      "lastDayBytesPerDay": { "type": "integer" }, "lastWeekBytesPerDay": { "type": "integer" },
                      "measuredHours": { "type": "integer" },
                      "daysUntilFull": { "type": "integer", "description": "Until votes stop, if it goes on like this." }
                    }
                  }
                }
              }
            }
          }
        }
        """#
}
