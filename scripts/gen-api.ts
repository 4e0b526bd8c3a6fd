// SPDX-License-Identifier: Apache-2.0
// Writes src/api/gen from proto/. With --check it compares instead and fails on a difference.
// Rules (docs/adr/0002): 64-bit fields are bigint, with [jstype = JS_NUMBER] number; proto3
// scalars have their zero value, oneof members and proto2 scalars are undefined when absent.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";

const root = join(import.meta.dirname, "..");
const protoDir = join(root, "proto");
const outDir = join(root, "src/api/gen");

const header =
  "// SPDX-License-Identifier: Apache-2.0\n// Generated from proto/ by scripts/gen-api.ts; do not edit.\n";

interface ScalarRule {
  readonly type: string;
  readonly zero: string;
  readonly wire: 0 | 2;
  readonly read: string;
  readonly write: string;
}

const scalars: Readonly<Record<string, ScalarRule>> = {
  bool: { type: "boolean", zero: "false", wire: 0, read: "bool", write: "bool" },
  bytes: { type: "Uint8Array", zero: "EMPTY", wire: 2, read: "bytes", write: "bytes" },
  string: { type: "string", zero: '""', wire: 2, read: "string", write: "string" },
  int32: { type: "number", zero: "0", wire: 0, read: "int32", write: "int32" },
  uint32: { type: "number", zero: "0", wire: 0, read: "uint32", write: "uint32" },
  int64: { type: "bigint", zero: "0n", wire: 0, read: "int64", write: "bigint64" },
  uint64: { type: "bigint", zero: "0n", wire: 0, read: "uint64", write: "bigint64" },
  "int64 number": { type: "number", zero: "0", wire: 0, read: "int64Number", write: "number64" },
  "uint64 number": { type: "number", zero: "0", wire: 0, read: "uint64Number", write: "number64" },
  enum: { type: "number", zero: "0", wire: 0, read: "int32", write: "int32" },
};

interface FieldPlan {
  readonly name: string;
  readonly number: number;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** Absent fields are undefined instead of zero. */
  readonly presence: boolean;
  readonly scalar: ScalarRule | undefined;
  readonly message: string | undefined;
  readonly enumType: string | undefined;
  /** The other members of its oneof, which go when this one arrives. */
  readonly rivals: readonly string[];
}

function camel(name: string): string {
  return name.replace(/_([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
}

function packageOf(object: protobuf.ReflectionObject): string {
  let node: protobuf.ReflectionObject | null = object;
  while (node?.parent && node.parent.name !== "") node = node.parent;
  return node?.name ?? "";
}

/** `Event.EventType` becomes `Event_EventType`. */
function localName(object: protobuf.ReflectionObject): string {
  return object.fullName.split(".").slice(2).join("_");
}

function load(): protobuf.Root {
  const tree = new protobuf.Root();
  for (const file of readdirSync(protoDir).sort()) {
    if (!file.endsWith(".proto")) continue;
    protobuf.parse(readFileSync(join(protoDir, file), "utf8"), tree, { keepCase: true });
  }
  tree.resolveAll();
  return tree;
}

function planField(field: protobuf.Field, references: Set<string>): FieldPlan {
  const resolved = field.resolvedType;
  const jsNumber = field.options?.["jstype"] === "JS_NUMBER";
  const proto2 = field.parent instanceof protobuf.Type && syntaxOf(field) === "proto2";
  let scalar: ScalarRule | undefined;
  let message: string | undefined;
  let enumType: string | undefined;
  if (resolved instanceof protobuf.Type) {
    message = reference(resolved, field, references);
  } else if (resolved instanceof protobuf.Enum) {
    enumType = reference(resolved, field, references);
    scalar = scalars["enum"];
  } else {
    scalar = scalars[jsNumber ? `${field.type} number` : field.type];
    if (scalar === undefined) throw new Error(`no rule for ${field.type} of ${field.fullName}`);
  }
  return {
    name: camel(field.name),
    number: field.id,
    repeated: field.repeated,
    packed: field.repeated && scalar?.wire === 0 && !proto2,
    presence: !field.repeated && (message !== undefined || field.partOf !== null || proto2),
    scalar,
    message,
    enumType,
    rivals: (field.partOf?.fieldsArray ?? [])
      .filter((member) => member !== field)
      .map((member) => camel(member.name)),
  };
}

function syntaxOf(field: protobuf.Field): "proto2" | "proto3" {
  const name = packageOf(field);
  const proto2Types = ["raftpb", "snappb", "walpb"];
  if (proto2Types.includes(name)) return "proto2";
  return field.parent?.fullName === ".etcdserverpb.Metadata" ? "proto2" : "proto3";
}

function reference(
  target: protobuf.ReflectionObject,
  from: protobuf.ReflectionObject,
  references: Set<string>,
): string {
  const targetPackage = packageOf(target);
  if (targetPackage === packageOf(from)) return localName(target);
  references.add(targetPackage);
  return `${targetPackage}.${localName(target)}`;
}

function fieldType(field: FieldPlan): string {
  const single = field.message ?? field.enumType ?? field.scalar?.type ?? "never";
  if (field.repeated) return `${single}[]`;
  return field.presence ? `${single} | undefined` : single;
}

function fieldZero(field: FieldPlan): string {
  if (field.repeated) return "[]";
  return field.presence ? "undefined" : (field.scalar?.zero ?? "undefined");
}

function tagOf(field: FieldPlan, wire: number): number {
  return ((field.number << 3) | wire) >>> 0;
}

function writeLines(field: FieldPlan): string[] {
  const value = `message.${field.name}`;
  const tag = (wire: number) => `writer.uint32(${tagOf(field, wire)});`;
  if (field.message !== undefined) {
    const body = (item: string) => [
      tag(2),
      "{ const start = writer.open();",
      `${field.message}.write(${item}, writer);`,
      "writer.close(start); }",
    ];
    if (field.repeated) {
      return [`if (${value} !== undefined) for (const item of ${value}) {`, ...body("item"), "}"];
    }
    return [`if (${value} !== undefined) {`, ...body(value), "}"];
  }
  const rule = field.scalar as ScalarRule;
  if (field.packed) {
    return [
      `if (${value} !== undefined && ${value}.length > 0) {`,
      tag(2),
      "const start = writer.open();",
      `for (const item of ${value}) writer.${rule.write}(item);`,
      "writer.close(start); }",
    ];
  }
  if (field.repeated) {
    return [
      `if (${value} !== undefined) for (const item of ${value}) {`,
      tag(rule.wire),
      `writer.${rule.write}(item); }`,
    ];
  }
  const empty =
    rule.type === "Uint8Array" || rule.type === "string"
      ? `${value}.length > 0`
      : `${value} !== ${rule.zero}`;
  const condition = field.presence
    ? `${value} !== undefined`
    : `${value} !== undefined && ${empty}`;
  return [`if (${condition}) { ${tag(rule.wire)} writer.${rule.write}(${value}); }`];
}

function readCases(field: FieldPlan): string[] {
  const target = `message.${field.name}`;
  const clear = field.rivals.map((rival) => `message.${rival} = `).join("");
  const cleared = clear === "" ? "" : `${clear}undefined; `;
  const oneCase = (wire: number, statement: string) =>
    `case ${tagOf(field, wire)}: ${cleared}${statement} break;`;
  if (field.message !== undefined) {
    const { message } = field;
    if (field.repeated) return [oneCase(2, `${target}.push(${message}.read(reader.nested()));`)];
    return [oneCase(2, `${target} = ${message}.read(reader.nested(), ${target});`)];
  }
  const rule = field.scalar as ScalarRule;
  const read = `reader.${rule.read}()`;
  if (!field.repeated) return [oneCase(rule.wire, `${target} = ${read};`)];
  const single = oneCase(rule.wire, `${target}.push(${read});`);
  if (rule.wire !== 0) return [single];
  const packed = `{ const packed = reader.nested(); while (packed.position < packed.end) ${target}.push(packed.${rule.read}()); }`;
  return [single, oneCase(2, packed)];
}

function emitMessage(type: protobuf.Type, references: Set<string>): string {
  const name = localName(type);
  // Go's encoder writes fields by ascending number, whatever their order in the file.
  const fields = type.fieldsArray
    .map((field) => planField(field, references))
    .sort((a, b) => a.number - b.number);
  const lines: string[] = [];
  lines.push(`export interface ${name} {`);
  for (const field of fields) lines.push(`  ${field.name}: ${fieldType(field)};`);
  lines.push("}", "");
  lines.push(`export const ${name}: MessageCodec<${name}> = {`);
  lines.push(`  typeName: "${type.fullName.slice(1)}",`);
  lines.push("  create(init) {");
  if (fields.length === 0) lines.push(`    void init; return {};`);
  else {
    lines.push(`    const message: ${name} = {`);
    for (const field of fields) lines.push(`      ${field.name}: ${fieldZero(field)},`);
    lines.push("    };", "    return init === undefined ? message : complete(message, init);");
  }
  lines.push("  },");
  lines.push(
    `  encode(message) { const writer = new WireWriter(); ${name}.write(message, writer); return writer.copy(); },`,
  );
  lines.push(`  decode(bytes) { return ${name}.read(new WireReader(bytes)); },`);
  lines.push(fields.length === 0 ? "  write() {}," : "  write(message, writer) {");
  if (fields.length > 0) {
    for (const field of fields) for (const line of writeLines(field)) lines.push(`    ${line}`);
    lines.push("  },");
  }
  lines.push("  read(reader, begun) {");
  lines.push(`    const message: ${name} = begun ?? {`);
  for (const field of fields) lines.push(`      ${field.name}: ${fieldZero(field)},`);
  lines.push("    };");
  lines.push("    while (reader.position < reader.end) {", "      const tag = reader.tag();");
  if (fields.length === 0) lines.push("      reader.skip(tag);");
  else {
    lines.push("      switch (tag) {");
    for (const field of fields) for (const line of readCases(field)) lines.push(`        ${line}`);
    lines.push("        default: reader.skip(tag);", "      }");
  }
  lines.push("    }", "    return message;", "  },", "};", "");
  return lines.join("\n");
}

function emitEnum(enumeration: protobuf.Enum): string {
  const name = localName(enumeration);
  const values = Object.entries(enumeration.values).map(([key, value]) => `  ${key}: ${value},`);
  return `/** An open enum: numbers outside the list can arrive. */\nexport type ${name} = number;\nexport const ${name} = {\n${values.join("\n")}\n} as const;\n`;
}

function emitService(service: protobuf.Service, references: Set<string>): string {
  const lines = [`export const ${service.name}Service = {`];
  for (const method of service.methodsArray) {
    method.resolve();
    const request = reference(method.resolvedRequestType as protobuf.Type, service, references);
    const response = reference(method.resolvedResponseType as protobuf.Type, service, references);
    const key = method.name.charAt(0).toLowerCase() + method.name.slice(1);
    lines.push(
      `  ${key}: {`,
      `    path: "/${service.fullName.slice(1)}/${method.name}",`,
      `    request: ${request}, response: ${response},`,
      `    requestStream: ${method.requestStream === true}, responseStream: ${method.responseStream === true},`,
      `  } satisfies MethodDescriptor<${request}, ${response}>,`,
    );
  }
  lines.push("} as const;", "");
  return lines.join("\n");
}

function emitPackage(namespace: protobuf.Namespace): string {
  const references = new Set<string>();
  const parts: string[] = [];
  const visit = (object: protobuf.ReflectionObject): void => {
    if (object instanceof protobuf.Enum) parts.push(emitEnum(object));
    else if (object instanceof protobuf.Type) {
      parts.push(emitMessage(object, references));
      for (const nested of object.nestedArray) visit(nested);
    } else if (object instanceof protobuf.Service) parts.push(emitService(object, references));
  };
  for (const object of namespace.nestedArray) visit(object);
  const body = parts.join("\n");
  const imports = [
    body.includes("MethodDescriptor<")
      ? 'import type { MessageCodec, MethodDescriptor } from "../message-codec.ts";'
      : 'import type { MessageCodec } from "../message-codec.ts";',
    'import { WireReader } from "../../base/wire-reader.ts";',
    'import { WireWriter } from "../../base/wire-writer.ts";',
  ];
  if (body.includes("complete(message")) imports.push('import { complete } from "../complete.ts";');
  for (const name of [...references].sort()) {
    imports.push(`import * as ${name} from "./${name}.ts";`);
  }
  const empty = body.includes("EMPTY") ? "\nconst EMPTY: Uint8Array = new Uint8Array(0);\n" : "";
  return `${header}\n${imports.join("\n")}\n${empty}\n${body}`;
}

function generate(): Map<string, string> {
  const files = new Map<string, string>();
  for (const namespace of load().nestedArray) {
    if (!(namespace instanceof protobuf.Namespace)) continue;
    files.set(`${namespace.name}.ts`, emitPackage(namespace));
  }
  return files;
}

const check = process.argv.includes("--check");
const files = generate();
mkdirSync(outDir, { recursive: true });
let drifted = false;
for (const [name, text] of files) {
  const path = join(outDir, name);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`src/api/gen/${name} does not match proto/: run npm run gen`);
    drifted = true;
  }
}
if (check) {
  for (const name of readdirSync(outDir)) {
    if (files.has(name)) continue;
    console.error(`src/api/gen/${name} is not generated from proto/: remove it`);
    drifted = true;
  }
}
if (drifted) process.exitCode = 1;
