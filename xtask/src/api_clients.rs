//! Clients made by generators from the OpenAPI description: each is type-checked, and
//! those in Python call every route of the Worker.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{paths, pypi::Package, step};

const OPENAPI_PYTHON_CLIENT: Package =
    Package { requirement: "openapi-python-client==0.29.1", program: "openapi-python-client" };
/// Carries the jar; wants Java 17.
const OPENAPI_GENERATOR: Package =
    Package { requirement: "openapi-generator-cli==7.26.0", program: "openapi-generator-cli" };
const MYPY: Package = Package { requirement: "mypy==2.4.1", program: "mypy" };

/// With the Node.js that the newest of them want.
const NPM_PACKAGES: [&str; 6] = [
    "node@22.23.3",
    "orval@8.38.0",
    "@hey-api/openapi-ts@0.99.0",
    "openapi-typescript@7.13.0",
    "typescript@5.9.3",
    "@asyncapi/parser@3.6.6",
];

/// What the clients in Python stand on.
const PYTHON_PACKAGES: [&str; 6] = [
    "attrs==25.4.0",
    "httpx==0.28.1",
    "pydantic==2.12.5",
    "python-dateutil==2.9.0.post0",
    "urllib3==2.6.1",
    "types-python-dateutil==2.9.0.20251115",
];

const METRICS_TOKEN: &str = "metrics-token-of-the-fuzzed-worker";

/// As users of the generators would set it.
const TSC: [&str; 11] = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
    "--lib",
    "es2022,dom,dom.iterable",
];

/// Generates, checks and calls what `dist` describes.
///
/// # Errors
/// When a generator refuses the description, a client does not type-check, or a call is not
/// answered as described.
pub fn run() -> Result<()> {
    let clients = Clients::new()?;
    clients.python_client()?;
    clients.generator()?;
    clients.typescript()?;
    clients.stream()
}

struct Clients {
    /// Where they are made, beside the descriptions.
    folder: PathBuf,
    /// Of this repository.
    scripts: PathBuf,
    python: PathBuf,
}

impl Clients {
    fn new() -> Result<Self> {
        let folder = paths::target().join("api-clients");
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        for name in ["openapi.json", "asyncapi.json"] {
            fs::copy(paths::root().join("dist/api/v1").join(name), folder.join(name)).context(name)?;
        }
        let scripts = paths::root().join("xtask/fuzz_api").canonicalize()?;
        let clients = Self { folder, scripts, python: python()? };
        clients.node_packages()?;
        Ok(clients)
    }

    fn node_packages(&self) -> Result<()> {
        fs::write(self.folder.join("package.json"), "{\"private\":true,\"type\":\"module\"}\n")?;
        let mut npm = self.command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--save-exact"]).args(NPM_PACKAGES);
        step::run("install the generators from npm", &mut npm)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder);
        command
    }

    /// A package's program under the Node.js that it wants.
    fn node(&self, script: &str) -> Command {
        let mut command = self.command(self.folder.join("node_modules/node/bin/node"));
        command.arg(format!("node_modules/{script}"));
        command
    }

    fn fresh(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        Ok(folder)
    }

    fn python_client(&self) -> Result<()> {
        let folder = self.fresh("openapi-python-client")?;
        let program = OPENAPI_PYTHON_CLIENT.ensure()?;
        let mut generate = self.command(&program);
        // It formats what it has made with a program beside its own.
        let bin = program.parent().unwrap_or(Path::new(""));
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&inherited));
        generate.env("PATH", std::env::join_paths(path)?);
        generate
            .args(["generate", "--fail-on-warning", "--path", "openapi.json", "--output-path"])
            .arg(&folder);
        step::run("openapi-python-client", &mut generate)?;
        self.mypy("openapi-python-client/tickwise_client")?;
        self.call("call_openapi_python_client.py", &folder)
    }

    fn generator(&self) -> Result<()> {
        let program = OPENAPI_GENERATOR.ensure()?;
        for language in ["python", "rust", "typescript-fetch"] {
            let folder = self.fresh(&format!("openapi-generator-{language}"))?;
            let mut generate = self.command(&program);
            generate.args(["generate", "-i", "openapi.json", "-g", language, "-o"]).arg(&folder);
            step::run(&format!("openapi-generator {language}"), &mut generate)?;
        }
        self.mypy("openapi-generator-python/openapi_client")?;
        self.call("call_openapi_generator.py", &self.folder.join("openapi-generator-python"))?;
        self.check_rust(&self.folder.join("openapi-generator-rust"))?;
        self.tsc("openapi-generator-typescript-fetch/index.ts")
    }

    fn typescript(&self) -> Result<()> {
        fs::copy(self.scripts.join("orval.config.mjs"), self.folder.join("orval.config.mjs"))?;
        step::run("orval", self.node("orval/dist/bin/orval.mjs").args(["--config", "orval.config.mjs"]))?;
        self.tsc("orval/client.ts")?;
        let folder = self.fresh("hey-api")?;
        let mut hey_api = self.node("@hey-api/openapi-ts/bin/run.js");
        step::run("hey-api", hey_api.args(["-i", "openapi.json", "-o"]).arg(folder))?;
        self.tsc("hey-api/index.ts")?;
        let mut types = self.node("openapi-typescript/bin/cli.js");
        step::run("openapi-typescript", types.args(["openapi.json", "-o", "openapi-typescript.ts"]))?;
        self.tsc("openapi-typescript.ts")
    }

    /// The description of the stream, by the parser of its makers.
    fn stream(&self) -> Result<()> {
        fs::copy(self.scripts.join("check_asyncapi.mjs"), self.folder.join("check_asyncapi.mjs"))?;
        let mut check = self.command(self.folder.join("node_modules/node/bin/node"));
        step::run("@asyncapi/parser", check.arg("check_asyncapi.mjs"))
    }

    fn mypy(&self, package: &str) -> Result<()> {
        let mut mypy = self.command(&self.python);
        mypy.args(["-m", "mypy", "--ignore-missing-imports", package]);
        step::run(&format!("type-check {package}"), &mut mypy)
    }

    fn tsc(&self, file: &str) -> Result<()> {
        let mut tsc = self.node("typescript/bin/tsc");
        step::run(&format!("type-check {file}"), tsc.args(TSC).arg(file))
    }

    fn check_rust(&self, folder: &Path) -> Result<()> {
        // Not a member of this workspace.
        let manifest = folder.join("Cargo.toml");
        fs::write(&manifest, fs::read_to_string(&manifest)? + "\n[workspace]\n")?;
        let mut check = Command::new("cargo");
        check.args(["check", "--quiet"]).current_dir(folder);
        step::run("type-check openapi-generator-rust", check.env("CARGO_TARGET_DIR", folder.join("target")))
    }

    /// Calls every route of the Worker in workerd.
    fn call(&self, script: &str, client: &Path) -> Result<()> {
        let mut cargo = Command::new("cargo");
        cargo.args(["run", "--quiet", "-p", "tickwise-tests", "--bin", "with-worker", "--"]);
        cargo.arg(format!("--var=METRICS_TOKEN={METRICS_TOKEN}"));
        cargo.arg(&self.python).arg(self.scripts.join(script)).arg(client).arg("{url}");
        let status = cargo.current_dir(paths::root()).status().context("cargo cannot be started")?;
        ensure!(status.success(), "{script}: the API does not answer its client");
        Ok(())
    }
}

/// An interpreter with a type checker and all that the clients import.
fn python() -> Result<PathBuf> {
    let python = MYPY.ensure()?.with_file_name("python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet"]).args(PYTHON_PACKAGES);
    step::run("install what clients in Python import", &mut pip)?;
    Ok(python)
}
