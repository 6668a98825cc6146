"""Processes of the tests' own: one that has said its word is ready."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


async def said(process, word: str) -> None:
    """Wait until the child says the word, whatever it logs before."""
    async with asyncio.timeout(30):
        while (line := await process.stdout.readline()) != f"{word}\n".encode():
            assert line, "the child ended without a word"


@asynccontextmanager
async def child(module: str, *arguments: str, word: str, **environment: str) -> AsyncIterator:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"tests.faults.harness.{module}",
        *arguments,
        cwd=ROOT,
        env=dict(os.environ) | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await said(process, word)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()
