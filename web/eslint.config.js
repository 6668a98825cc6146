// As strict about TypeScript and Vue as ruff is about Python; how lines are set is prettier's.
import compat from "eslint-plugin-compat";
import vue from "eslint-plugin-vue";
import { defineConfig } from "eslint/config";
import language from "typescript";
import typescript from "typescript-eslint";

// What eslint gives TypeScript of a .vue file is its script. Where TypeScript reads the same from
// the disk beforehand, it need not make its program anew for every such file.
const read = language.sys.readFile;
const SCRIPT = /(?<=<script[^>]*>).*?(?=<\/script>)/s;
language.sys.readFile = (path, encoding) => {
  const text = read(path, encoding);
  return path.endsWith(".vue") && text ? (SCRIPT.exec(text)?.[0] ?? "") : text;
};

export default defineConfig(
  { ignores: ["**/dist/**", "**/openapi.d.ts"] },
  {
    files: ["**/*.{js,ts,vue}"],
    extends: [...typescript.configs.strictTypeChecked, ...vue.configs["flat/recommended"]],
    languageOptions: {
      parserOptions: {
        parser: typescript.parser,
        projectService: { allowDefaultProject: ["*.config.*"] },
        extraFileExtensions: [".vue"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "no-console": ["error", { allow: ["error"] }],
      eqeqeq: "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { ignoreRestSiblings: true, argsIgnorePattern: "^_", varsIgnorePattern: "^_$" },
      ],
      // Code is as long as prettier makes it; comments, which it leaves alone, are no longer.
      "max-len": ["error", { code: 99, ignoreUrls: true, ignoreStrings: true }],
      // How a template is set is prettier's.
      ...Object.fromEntries(
        [
          ...["max-attributes-per-line", "singleline-html-element-content-newline"],
          ...["multiline-html-element-content-newline", "html-closing-bracket-newline"],
          ...["html-indent", "html-self-closing"],
        ].map((rule) => [`vue/${rule}`, "off"]),
      ),
      complexity: ["error", 9],
    },
  },
  // What the oldest phones lack (`browserslist` in package.json); tsconfig's `lib` says the rest.
  {
    files: ["*/src/**"],
    ignores: ["common/src/lacking.ts"],
    extends: [compat.configs["flat/recommended"]],
  },
  // The tools' own settings belong to no program whose types could be asked.
  { files: ["*.config.*"], extends: [typescript.configs.disableTypeChecked] },
  {
    files: ["**/tests/**", "**/vite.config.ts"],
    rules: {
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/no-deprecated": "off",
    },
  },
);
