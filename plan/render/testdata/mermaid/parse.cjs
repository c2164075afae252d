// Parses each file given with the parser that GitHub and GitLab draw diagrams with,
// and says which ones it refuses. The modules are in the folder NODE_PATH.
'use strict';
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const modules = process.env.NODE_PATH;

(async () => {
  const { JSDOM } = require(path.join(modules, 'jsdom'));
  const { window } = new JSDOM('');
  globalThis.window = window;
  globalThis.document = window.document;
  const mermaid = (await import(pathToFileURL(path.join(modules, 'mermaid', 'dist', 'mermaid.core.mjs')))).default;
  // As forges do: larger diagrams than these are not drawn.
  mermaid.initialize({ startOnLoad: false, maxTextSize: 50000, maxEdges: 500 });
  let refused = 0;
  for (const file of process.argv.slice(2)) {
    try {
      const { diagramType } = await mermaid.parse(fs.readFileSync(file, 'utf8'));
      if (diagramType !== 'flowchart-v2') throw new Error('read as ' + diagramType);
    } catch (err) {
      refused++;
      console.log(`${path.basename(file)}: ${err.message}`);
    }
  }
  process.exitCode = refused ? 1 : 0;
})();
