// SPDX-License-Identifier: Apache-2.0
// Generated from proto/ by scripts/gen-api.ts; do not edit.

import type { MessageCodec } from "../message-codec.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { complete } from "../complete.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export interface UserAddOptions {
  noPassword: boolean;
}

export const UserAddOptions: MessageCodec<UserAddOptions> = {
  typeName: "authpb.UserAddOptions",
  create(init) {
    const message: UserAddOptions = {
      noPassword: false,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); UserAddOptions.write(message, writer); return writer.copy(); },
  decode(bytes) { return UserAddOptions.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.noPassword !== undefined && message.noPassword !== false) { writer.uint32(8); writer.bool(message.noPassword); }
  },
  read(reader, begun) {
    const message: UserAddOptions = begun ?? {
      noPassword: false,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.noPassword = reader.bool(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface User {
  name: Uint8Array;
  password: Uint8Array;
  roles: string[];
  options: UserAddOptions | undefined;
}

export const User: MessageCodec<User> = {
  typeName: "authpb.User",
  create(init) {
    const message: User = {
      name: EMPTY,
      password: EMPTY,
      roles: [],
      options: undefined,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); User.write(message, writer); return writer.copy(); },
  decode(bytes) { return User.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.bytes(message.name); }
    if (message.password !== undefined && message.password.length > 0) { writer.uint32(18); writer.bytes(message.password); }
    if (message.roles !== undefined) for (const item of message.roles) {
    writer.uint32(26);
    writer.string(item); }
    if (message.options !== undefined) {
    writer.uint32(34);
    { const start = writer.open();
    UserAddOptions.write(message.options, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: User = begun ?? {
      name: EMPTY,
      password: EMPTY,
      roles: [],
      options: undefined,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.bytes(); break;
        case 18: message.password = reader.bytes(); break;
        case 26: message.roles.push(reader.string()); break;
        case 34: message.options = UserAddOptions.read(reader.nested(), message.options); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

export interface Permission {
  permType: Permission_Type;
  key: Uint8Array;
  rangeEnd: Uint8Array;
}

export const Permission: MessageCodec<Permission> = {
  typeName: "authpb.Permission",
  create(init) {
    const message: Permission = {
      permType: 0,
      key: EMPTY,
      rangeEnd: EMPTY,
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Permission.write(message, writer); return writer.copy(); },
  decode(bytes) { return Permission.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.permType !== undefined && message.permType !== 0) { writer.uint32(8); writer.int32(message.permType); }
    if (message.key !== undefined && message.key.length > 0) { writer.uint32(18); writer.bytes(message.key); }
    if (message.rangeEnd !== undefined && message.rangeEnd.length > 0) { writer.uint32(26); writer.bytes(message.rangeEnd); }
  },
  read(reader, begun) {
    const message: Permission = begun ?? {
      permType: 0,
      key: EMPTY,
      rangeEnd: EMPTY,
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 8: message.permType = reader.int32(); break;
        case 18: message.key = reader.bytes(); break;
        case 26: message.rangeEnd = reader.bytes(); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};

/** An open enum: numbers outside the list can arrive. */
export type Permission_Type = number;
export const Permission_Type = {
  READ: 0,
  WRITE: 1,
  READWRITE: 2,
} as const;

export interface Role {
  name: Uint8Array;
  keyPermission: Permission[];
}

export const Role: MessageCodec<Role> = {
  typeName: "authpb.Role",
  create(init) {
    const message: Role = {
      name: EMPTY,
      keyPermission: [],
    };
    return init === undefined ? message : complete(message, init);
  },
  encode(message) { const writer = new WireWriter(); Role.write(message, writer); return writer.copy(); },
  decode(bytes) { return Role.read(new WireReader(bytes)); },
  write(message, writer) {
    if (message.name !== undefined && message.name.length > 0) { writer.uint32(10); writer.bytes(message.name); }
    if (message.keyPermission !== undefined) for (const item of message.keyPermission) {
    writer.uint32(18);
    { const start = writer.open();
    Permission.write(item, writer);
    writer.close(start); }
    }
  },
  read(reader, begun) {
    const message: Role = begun ?? {
      name: EMPTY,
      keyPermission: [],
    };
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10: message.name = reader.bytes(); break;
        case 18: message.keyPermission.push(Permission.read(reader.nested())); break;
        default: reader.skip(tag);
      }
    }
    return message;
  },
};
