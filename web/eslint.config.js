// As strict about TypeScript and Vue as ruff is about Python; how lines are set is prettier's.
import vue from "eslint-plugin-vue";
import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig(
  { ignores: ["**/dist/**", "**/openapi.d.ts", "*.config.*"] },
  {
    files: ["**/*.{ts,vue}"],
    extends: [...typescript.configs.strictTypeChecked, ...vue.configs["flat/essential"]],
    languageOptions: {
      parserOptions: {
        parser: typescript.parser,
        projectService: true,
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
      // Browsers lack what the DOM's types promise: locks, storage, caches, geolocation.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // Of what was looked for in the template and in a list just filled.
      "@typescript-eslint/no-non-null-assertion": "off",
      // What is kept by name is read back as what it was: the name says its type, not the caller.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // A layer of the map may be called like the prop that it draws.
      "vue/no-dupe-keys": "off",
      complexity: ["error", 18],
    },
  },
  {
    files: ["**/tests/**", "**/vite.config.ts"],
    rules: {
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/no-deprecated": "off",
    },
  },
);
