// Checks manifests against the vendors' schemas: `node validate.mjs teams.json slack.json` prints a
// JSON array of sentences. Teams' schema is in npm @microsoft/app-manifest; Slack's is made from the
// types of npm @slack/web-api. Nothing is fetched.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../tests/node/package.json", import.meta.url));

async function teams(manifest) {
  const folder = dirname(require.resolve("@microsoft/app-manifest"));
  const version = `v${manifest.manifestVersion}`;
  const path = join(folder, "json-schemas", "teams", version, "MicrosoftTeams.schema.json");
  const Ajv = require("ajv-draft-04").default;
  const ajv = new Ajv({ allErrors: true, strict: false });
  require("ajv-formats").default(ajv);
  return violated(ajv, JSON.parse(readFileSync(path, "utf-8")), manifest);
}

async function slack(manifest) {
  const made = await import(pathToFileURL(require.resolve("ts-json-schema-generator")));
  const entry = require.resolve("@slack/web-api");
  const schema = made
    .createGenerator({
      path: join(dirname(entry), "types", "request", "manifest.d.ts"),
      type: "Manifest",
      skipTypeCheck: true,
      additionalProperties: false,
    })
    .createSchema("Manifest");
  schema.definitions.Manifest.additionalProperties = false; // the type is open at the top alone
  const Ajv = require("ajv").default;
  return violated(new Ajv({ allErrors: true, strict: false }), schema, manifest);
}

function violated(ajv, schema, manifest) {
  const check = ajv.compile(schema);
  check(manifest);
  return (check.errors ?? []).map((error) => {
    const more = Object.values(error.params).flat().slice(0, 3).join(", ");
    return `${error.instancePath || "/"} ${error.message} (${more})`;
  });
}

const checks = { teams, slack };
const found = [];
for (const path of process.argv.slice(2)) {
  const name = basename(path, ".json"); // "slack", or "slack.oauth" for one of several
  const manifest = JSON.parse(readFileSync(path, "utf-8"));
  const problems = await checks[name.split(".")[0]](manifest);
  found.push(...problems.map((problem) => `${name}: ${problem}`));
}
console.log(JSON.stringify(found));
