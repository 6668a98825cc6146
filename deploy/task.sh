#!/bin/sh
# 开发者的日常:sh deploy/task.sh 任务;Makefile 里每个任务一个词,没有 make 时直接用这里。
set -eu
cd "$(dirname "$0")/.."
. deploy/setup.sh

pytest() { "$VENV_PYTHON" -m pytest "$@"; }

# 一项失败也跑完其余各项,最后一起报。
each() {
    say "== $*"
    "$@" || failed="$failed $1"
}

formatting() { "$VENV_PYTHON" -m ruff format --check .; }
linting() { "$VENV_PYTHON" -m ruff check .; }
typing() { "$VENV_PYTHON" -m mypy; }
contracts() { "$VENV_PYTHON" -c 'from importlinter.cli import lint_imports_command as run; run()'; }

# 网页的格式、eslint、类型和各单元的测试;查不了也算未通过。
pages() {
    find_node || { say '没有 Node.js(20.19 以上),网页没有检查。'; return 1; }
    [ -d web/node_modules ] || quietly '安装网页的依赖' $NPM --prefix web ci --no-audit --no-fund \
        --loglevel=error || { say "网页的依赖没有装上,详情见 $SETUP_LOG。"; return 1; }
    $NPM --prefix web run --silent check
}

# 网页在另一个核上查,与 Python 的各项同时。
check() {
    failed='' said=$(mktemp)
    pages >"$said" 2>&1 &
    beside=$!
    each formatting
    each linting
    each typing
    each contracts
    say '== pages'
    wait "$beside" || failed="$failed pages"
    cat "$said" && rm -f "$said"
    [ -z "$failed" ] || give_up "未通过:$failed"
}

# pytest 以 5 表示一个用例也没有收集到:长测试可以一个也没有。
slow() {
    code=0
    pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder "$@" || code=$?
    [ "$code" != 5 ] || say '没有标为 slow 的用例。'
    [ "$code" = 5 ] || return "$code"
}

# 依赖改了就重写锁定的清单;已锁定的版本不动,加 --upgrade 才换新的。
lock() {
    lock_one pyproject.toml --extra test --extra dev --group build --output-file deploy/lock/test.txt "$@"
    lock_one pyproject.toml --group build --constraints deploy/lock/test.txt \
        --output-file deploy/lock/run.txt
    lock_one --group node --output-file deploy/lock/node.txt "$@"
    lock_one --group heic --constraints deploy/lock/test.txt --output-file deploy/lock/heic.txt "$@"
    lock_one --group osm --constraints deploy/lock/test.txt --output-file deploy/lock/osm.txt "$@"
}

# 对各种系统和 Python 版本一并求解;清单里不写从哪里下载。
lock_one() {
    UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-https://pypi.org/simple}}" \
        "$VENV_PYTHON" -m uv pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --custom-compile-command 'make lock' "$@"
}

task=${1:-help}
[ $# = 0 ] || shift
case $task in
    check) set_up test; check ;;
    fmt)
        set_up test
        "$VENV_PYTHON" -m ruff check --fix-only --quiet .
        "$VENV_PYTHON" -m ruff format .
        ! find_node || $NPM --prefix web run --silent fmt
        ;;
    slow) set_up test; slow "$@" ;;
    faults) set_up test; pytest -m 'slow or not slow' tests/faults "$@" ;;
    bench)
        set_up test
        for script in bench/*.py; do
            case $script in bench/_*|'bench/*.py') continue ;; esac
            say "== $script"
            "$VENV_PYTHON" "$script" "$@"
        done
        ;;
    migration)
        set_up test
        PYTHONPATH=deploy "$VENV_PYTHON" -m tortoise -c tortoise_config.TORTOISE_ORM makemigrations "$@"
        ;;
    rooms) set_up test; "$VENV_PYTHON" deploy/rooms.py ;;
    lock) set_up test; lock "$@"; set_up test ;;
    *) give_up '任务:check fmt slow faults bench migration lock rooms' ;;
esac
