"""Sealed files in S3 or a server that speaks its protocol, through boto3 in threads."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO, TYPE_CHECKING

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PIECE = 256 * 1024
PART = 8 * 1024 * 1024
# boto3's own threads would read ten parts ahead, all in memory.
PARTS = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
GONE = {"404", "NoSuchKey", "NotFound"}


def s3_client(endpoint_url: str = "", region: str = "") -> "S3Client":
    """A client by the usual AWS settings (environment, profile, role)."""
    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 4},
        # Other servers do not know AWS's newer checksums; our seal guards the content.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if endpoint_url else "auto"},
    )
    client: S3Client = boto3.client(
        "s3", endpoint_url=endpoint_url or None, region_name=region or None, config=config
    )
    return client


class S3:
    """A shelf in a bucket; every file is encrypted by the server once more."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str = "") -> None:
        self.client = client
        self.bucket = bucket
        self.prefix = prefix.strip("/")

    async def put(self, name: str, file: IO[bytes]) -> None:
        """Keep a whole file under a name, at once or not at all."""
        await asyncio.to_thread(
            self.client.upload_fileobj,
            file,
            self.bucket,
            self._key(name),
            ExtraArgs={"ServerSideEncryption": "AES256"},
            Config=PARTS,
        )

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """The bytes of a file; raises FileNotFoundError."""
        try:
            found = await asyncio.to_thread(
                self.client.get_object, Bucket=self.bucket, Key=self._key(name)
            )
        except ClientError as error:
            raise _known(error) from None
        body = found["Body"]
        try:
            while piece := await asyncio.to_thread(body.read, PIECE):
                yield piece
        finally:
            body.close()

    async def part(self, name: str, start: int, length: int) -> bytes:
        """So many bytes from there, fewer at the end; raises FileNotFoundError."""
        wanted = f"bytes={start}-{start + length - 1}"
        try:
            found = await asyncio.to_thread(
                self.client.get_object, Bucket=self.bucket, Key=self._key(name), Range=wanted
            )
        except ClientError as error:
            raise _known(error) from None
        return await asyncio.to_thread(found["Body"].read)

    async def size(self, name: str) -> int | None:
        """How many bytes a file has, None when there is none."""
        try:
            found = await asyncio.to_thread(
                self.client.head_object, Bucket=self.bucket, Key=self._key(name)
            )
        except ClientError as error:
            if isinstance(_known(error), FileNotFoundError):
                return None
            raise
        return found["ContentLength"]

    async def delete(self, name: str) -> None:
        """Remove a file; harmless when it is gone already."""
        await asyncio.to_thread(self.client.delete_object, Bucket=self.bucket, Key=self._key(name))

    async def empty(self, folder: str) -> None:
        """Remove all files under a name; harmless when there are none."""
        await asyncio.to_thread(self._empty, self._key(folder) + "/")

    def _empty(self, prefix: str) -> None:
        listed = self.client.get_paginator("list_objects_v2")
        for page in listed.paginate(Bucket=self.bucket, Prefix=prefix):
            for each in page.get("Contents", ()):
                self.client.delete_object(Bucket=self.bucket, Key=each["Key"])

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name


def _known(error: ClientError) -> Exception:
    code = error.response.get("Error", {}).get("Code", "")
    return FileNotFoundError("no such document") if code in GONE else error
