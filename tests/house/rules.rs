//! The rules themselves, as data. `src-tauri/README.md` says why.

/// Each package of ours, and those of ours that it may use.
pub(crate) const MAY_USE: &[(&str, &[&str])] = &[
    ("hookbench-signing", &[]),
    ("hookbench-heads", &[]),
    ("hookbench-snippets", &["hookbench-signing"]),
    (
        "hookbench-snippet-tests",
        &["hookbench-interchange", "hookbench-model", "hookbench-signing", "hookbench-snippets"],
    ),
    ("hookbench-model", &["hookbench-signing"]),
    ("hookbench-interchange", &["hookbench-model", "hookbench-snippets"]),
    ("hookbench-providers", &["hookbench-model", "hookbench-signing"]),
    // Secrets are held in `signing`'s type, which cannot be printed, on their way to the disk too.
    ("hookbench-store", &["hookbench-model", "hookbench-signing"]),
    (
        "hookbench-capture",
        &[
            "hookbench-heads",
            "hookbench-model",
            "hookbench-signing",
            "hookbench-providers",
            "hookbench-store",
        ],
    ),
    (
        "hookbench-delivery",
        &[
            "hookbench-heads",
            "hookbench-model",
            "hookbench-signing",
            "hookbench-providers",
            "hookbench-store",
        ],
    ),
    (
        "hookbench-workbench",
        &[
            "hookbench-capture",
            "hookbench-delivery",
            "hookbench-interchange",
            "hookbench-model",
            "hookbench-providers",
            "hookbench-signing",
            "hookbench-snippets",
            "hookbench-store",
        ],
    ),
    ("hookbench-api", &["hookbench-workbench", "hookbench-model"]),
    ("hookbench-cli", &["hookbench-api", "hookbench-workbench"]),
    ("hookbench-desktop", &["hookbench-api", "hookbench-workbench"]),
    ("xtask", &[]),
];

/// Each foreign library with one owner, or one and a half. A name ending in `*` stands for the family.
pub(crate) const OWNERS: &[(&str, &[&str])] = &[
    ("tauri*", &["hookbench-desktop"]),
    // The last two only serve the router; `SERVED_ONLY` holds them to that.
    ("minijinja*", &["hookbench-capture"]),
    ("axum*", &["hookbench-capture", "hookbench-api", "hookbench-cli", "hookbench-desktop"]),
    // What is sent is told to the byte and to the certificate, so delivery speaks HTTP by what `reqwest` itself
    // is built on; tests alone use it.
    ("reqwest", &[]),
    ("h2", &["hookbench-delivery"]),
    ("tokio-socks", &["hookbench-delivery"]),
    ("sqlx*", &["hookbench-store"]),
    ("hmac", &["hookbench-signing"]),
    ("sha2", &["hookbench-signing"]),
    ("ed25519-dalek", &["hookbench-signing"]),
    ("p256", &["hookbench-signing"]),
    ("rsa", &["hookbench-signing"]),
    // Signatures come with certificates, and so do servers.
    ("x509-cert", &["hookbench-signing", "hookbench-delivery"]),
    ("csv", &["hookbench-interchange"]),
    ("flate2", &["hookbench-signing"]),
    ("ruzstd", &["hookbench-signing"]),
    // What a body came packed with is read by the pure one; what we keep is packed by the quick one.
    ("zstd", &["hookbench-store"]),
    ("brotli-decompressor", &["hookbench-signing"]),
    ("keyring", &["hookbench-store"]),
    // What makes the programs chooses their allocator.
    ("mimalloc", &["hookbench-cli", "hookbench-desktop"]),
    ("jsonschema", &["hookbench-providers"]),
    ("serde-saphyr", &["hookbench-providers"]),
    ("utoipa*", &["hookbench-api"]),
    ("prometheus", &["hookbench-api"]),
    ("procfs", &["hookbench-api"]),
];

/// Folders whose code serves the router that `api` made, and makes none.
pub(crate) const SERVED_ONLY: &[&str] = &["src-tauri/app", "src-tauri/cli"];

/// What code that only serves has no use for.
pub(crate) const MAKES_ROUTES: &[&str] = &["axum::routing", "axum::extract", "axum::response", "axum::Json"];
