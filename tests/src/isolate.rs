use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    http,
    process::{ProcessGroup, free_port, root},
    within,
};

const EMPTY: &str = r#"export default { fetch() { return new Response("empty"); } };"#;

/// How much longer workerd takes to its first answer with the Worker than with an empty
/// one, in milliseconds: reading and compiling its module, starting an isolate, and an
/// answer that needs no binding.
///
/// # Errors
/// When workerd does not answer.
pub async fn isolate_start() -> Result<f64> {
    let dir = tempfile::tempdir()?;
    fs::write(dir.path().join("empty.js"), EMPTY)?;
    for name in ["index.js", "index_bg.wasm"] {
        fs::copy(root().join("edge/build").join(name), dir.path().join(name))?;
    }
    let empty = first_answer_ms(dir.path(), r#"(name = "empty.js", esModule = embed "empty.js")"#).await?;
    let modules = r#"(name = "index.js", esModule = embed "index.js"), (name = "index_bg.wasm", wasm = embed "index_bg.wasm")"#;
    Ok(first_answer_ms(dir.path(), modules).await? - empty)
}

async fn first_answer_ms(dir: &Path, modules: &str) -> Result<f64> {
    let port = free_port()?;
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [{modules}], compatibilityDate = "2026-04-01"))],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "main")],
);
"#
    );
    fs::write(dir.join("config.capnp"), config)?;
    let mut workerd = Command::new(root().join("node_modules/workerd/bin/workerd"));
    workerd.arg("serve").arg(dir.join("config.capnp")).stdout(Stdio::null()).stderr(Stdio::null());
    let (client, url) = (http(), format!("http://127.0.0.1:{port}/"));
    let started = Instant::now();
    let process = ProcessGroup::start(&mut workerd)?;
    within("an answer of workerd", async {
        while client.get(&url).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    drop(process);
    Ok(ms)
}
