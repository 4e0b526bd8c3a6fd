// SPDX-License-Identifier: Apache-2.0

import { UtilCommand, UtilGroup } from "../../cli/util-command.ts";

export default class Completion extends UtilCommand {
  static override readonly words = ["completion"];
  static override readonly group = UtilGroup.utility;
  static override readonly summary = "Prints a script that completes command lines in a shell";
  static override readonly description = `Prints a script that completes command lines in a shell.

For the shell that is running:

    bash         source <(etcdutl completion bash)
    zsh          source <(etcdutl completion zsh)
    fish         etcdutl completion fish | source
    powershell   etcdutl completion powershell | Out-String | Invoke-Expression

For every new one, store the script where the shell looks for it:

    bash         /etc/bash_completion.d/etcdutl
    zsh          _etcdutl in a folder of $fpath, with compinit switched on
    fish         ~/.config/fish/completions/etcdutl.fish
    powershell   a file that your profile runs`;
  static override readonly synopsis = "completion [bash|zsh|fish|powershell]";
  static override readonly args = {
    shell: { name: "shell", required: true, description: "bash, zsh, fish or powershell" },
  };
  static readonly choices = ["bash", "zsh", "fish", "powershell"];
  static override readonly load = async () =>
    (await import("../../cli/ctl/completion.ts")).completion;
}
