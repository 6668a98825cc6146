#!/bin/sh
# typescript-eslint 8.74.0 with vue-eslint-parser 10.4.2: every .vue file makes TypeScript's whole
# program anew.
#
# Rules that ask for types hand TypeScript the script of a .vue file, while TypeScript itself has
# read the file with its template from the disk. The texts differ, so for each such file all that
# depends on it is looked through again: linting takes a second or two a file, and grows with
# the project. Where TypeScript reads from the disk what the parser will hand it, the script alone,
# the program is made once; the rules find the same.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >package.json <<'JSON'
{ "private": true, "type": "module" }
JSON
npm install --silent --no-audit --no-fund eslint@10.15.0 typescript@5.9.3 \
    typescript-eslint@8.74.0 eslint-plugin-vue@10.12.1 vue-eslint-parser@10.4.2 vue@3.5.45
cat >tsconfig.json <<'JSON'
{ "compilerOptions": { "strict": true, "module": "esnext", "moduleResolution": "bundler",
  "target": "es2022", "noEmit": true, "skipLibCheck": true }, "include": ["src/**/*"] }
JSON
cat >eslint.config.js <<'JS'
import vue from "eslint-plugin-vue";
import language from "typescript";
import typescript from "typescript-eslint";

if (process.env.SCRIPTS_ALONE) {
  const read = language.sys.readFile;
  language.sys.readFile = (path, encoding) => {
    const text = read(path, encoding);
    const script = /(?<=<script[^>]*>).*?(?=<\/script>)/s;
    return path.endsWith(".vue") && text ? (script.exec(text)?.[0] ?? "") : text;
  };
}

export default [
  ...vue.configs["flat/essential"],
  {
    files: ["src/**/*.vue"],
    plugins: { "@typescript-eslint": typescript.plugin },
    languageOptions: {
      parserOptions: {
        parser: typescript.parser,
        projectService: true,
        extraFileExtensions: [".vue"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: { "@typescript-eslint/no-floating-promises": "error" },
  },
];
JS
mkdir src
files=12
i=0
while [ "$i" -lt "$files" ]; do
    cat >"src/PageNo$i.vue" <<'VUE'
<script setup lang="ts">
async function send(): Promise<number> {
  return 1;
}
send();
</script>

<template>
  <button type="button" @click="send">send</button>
</template>
VUE
    i=$((i + 1))
done

# How often the program was made, and what the rule found.
lint() {
    DEBUG='typescript-eslint:*' npx eslint --format json src >found.json 2>said.txt || :
    made=$(grep -c 'Finishing updateGraphWorker' said.txt || :)
    found=$(grep -o 'no-floating-promises' found.json | wc -l)
    echo "$1: $files files, program made $made times, found $found"
}

lint "as it comes"
before=$made found_before=$found
SCRIPTS_ALONE=1
export SCRIPTS_ALONE
lint "read from the disk as it will be handed over"
[ "$found_before" -eq "$files" ]
[ "$found" -eq "$files" ]
[ "$before" -ge "$files" ]
[ "$made" -le 4 ]
