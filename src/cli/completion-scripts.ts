// SPDX-License-Identifier: Apache-2.0

/**
 * Scripts that teach a shell to complete a program's command line. None of them knows commands or
 * flags: they hand the words to `<program> __complete` and read its answer.
 */
export const completionScripts: ReadonlyMap<string, (program: string) => string> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
  ["powershell", powershell],
]);

// Bash breaks words at "=" and ":"; what had no blank in between belongs together.
function bash(program: string): string {
  const name = functionName(program);
  return `# Completion of ${program} for bash.

__${name}_words() {
    local rest=$COMP_LINE index word trimmed
    words=()
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word=\${COMP_WORDS[index]}
        trimmed=\${rest#"\${rest%%[![:space:]]*}"}
        if ((index > 0)) && [[ $rest == "$trimmed" ]]; then
            words[\${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        rest=\${trimmed#"$word"}
    done
}

__${name}_complete() {
    local -a words
    __${name}_words
    local current=\${words[\${#words[@]}-1]} line directive=0
    [[ $current == -*=* ]] && current=\${current#*=}
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == :[0-9]* ]]; then
            directive=\${line#:}
        elif [[ $line == "$current"* ]]; then
            COMPREPLY+=("$line")
        fi
    done < <("\${words[0]/#\\~/$HOME}" __completeNoDesc "\${words[@]:1}" 2>/dev/null)
    if ((directive & 4)) && [[ $(type -t compopt) == builtin ]]; then
        compopt +o default 2>/dev/null
    fi
}

complete -o default -F __${name}_complete ${program}
`;
}

function zsh(program: string): string {
  const name = functionName(program);
  return `#compdef ${program}
# Completion of ${program} for zsh.

_${name}() {
    local line directive=0
    local -a candidates
    while IFS= read -r line; do
        if [[ $line == :<-> ]]; then
            directive=\${line#:}
        elif [[ $line == *$'\\t'* ]]; then
            candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
        else
            candidates+=("\${line//:/\\\\:}")
        fi
    done < <("\${(Q)\${~words[1]}}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
    compset -P '-*='
    if ((\${#candidates})) && _describe ${program} candidates; then
        return 0
    fi
    ((directive & 4)) || _files
}

if [[ \${funcstack[1]-} == _${name} ]]; then
    _${name} "$@"
else
    compdef _${name} ${program}
fi
`;
}

function fish(program: string): string {
  const name = functionName(program);
  return `# Completion of ${program} for fish.

function __${name}_ask
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l current (commandline --current-token --cut-at-cursor)
    set -l prefix (string match --regex -- '^-.*?=' $current)
    set -g __${name}_answer
    set -g __${name}_directive 0
    for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        if string match --quiet --regex -- '^:[0-9]+$' $line
            set -g __${name}_directive (string sub --start 2 -- $line)
        else
            set -a __${name}_answer "$prefix$line"
        end
    end
end

function __${name}_names_only
    __${name}_ask
    test $__${name}_directive -eq 4
end

complete --command ${program} --erase
complete --command ${program} --condition __${name}_names_only --no-files --arguments '$__${name}_answer'
complete --command ${program} --condition 'not __${name}_names_only' --arguments '$__${name}_answer'
`;
}

// Before version 7.3 PowerShell drops an empty argument unless it is quoted once more.
function powershell(program: string): string {
  return `# Completion of ${program} for PowerShell.

Register-ArgumentCompleter -Native -CommandName '${program}' -ScriptBlock {
    param($WordToComplete, $CommandAst, $CursorPosition)

    $Words = @($CommandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $CursorPosition } |
        ForEach-Object { "$_" })
    $Program = $Words[0]
    $Last = $WordToComplete
    if ($Last -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') { $Last = '""' }
    $Before = @($Words | Select-Object -Skip 1)
    $Answer = @(& $Program __complete @Before $Last 2>$null)

    $Prefix = ''
    $Typed = $WordToComplete
    if ($WordToComplete -match '^(-[^=]*=)(.*)$') {
        $Prefix = $Matches[1]
        $Typed = $Matches[2]
    }
    foreach ($Line in $Answer) {
        if ($Line -match '^:[0-9]+$') { continue }
        $Text, $Note = $Line -split "\`t", 2
        if (-not $Text.StartsWith($Typed)) { continue }
        if (-not $Note) { $Note = $Text }
        [System.Management.Automation.CompletionResult]::new(
            "$Prefix$Text", $Text, 'ParameterValue', $Note)
    }
}
`;
}

function functionName(program: string): string {
  return program.replaceAll("-", "_");
}
