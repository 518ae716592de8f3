from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.refused import Refused
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    stream: None | str | Unset = UNSET,
    replica: int | None | Unset = UNSET,
    tail: int | None | Unset = UNSET,
    from_: int | None | Unset = UNSET,
    follow: bool | None | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_stream: None | str | Unset
    if isinstance(stream, Unset):
        json_stream = UNSET
    else:
        json_stream = stream
    params["stream"] = json_stream

    json_replica: int | None | Unset
    if isinstance(replica, Unset):
        json_replica = UNSET
    else:
        json_replica = replica
    params["replica"] = json_replica

    json_tail: int | None | Unset
    if isinstance(tail, Unset):
        json_tail = UNSET
    else:
        json_tail = tail
    params["tail"] = json_tail

    json_from_: int | None | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_follow: bool | None | Unset
    if isinstance(follow, Unset):
        json_follow = UNSET
    else:
        json_follow = follow
    params["follow"] = json_follow

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/jobs/{id}/logs".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Refused | str | None:
    if response.status_code == 200:
        response_200 = response.text
        return response_200

    if response.status_code == 400:
        response_400 = Refused.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Refused.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Refused.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Refused.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Refused.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Refused.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Refused | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
    stream: None | str | Unset = UNSET,
    replica: int | None | Unset = UNSET,
    tail: int | None | Unset = UNSET,
    from_: int | None | Unset = UNSET,
    follow: bool | None | Unset = UNSET,
) -> Response[Refused | str]:
    """What a job wrote. With `follow`, until it ends. The header `x-shugu-from` tells the byte at which it
    begins; there is none while there is
    no output.

    Args:
        id (str):
        stream (None | str | Unset):
        replica (int | None | Unset):
        tail (int | None | Unset):
        from_ (int | None | Unset):
        follow (bool | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | str]
    """

    kwargs = _get_kwargs(
        id=id,
        stream=stream,
        replica=replica,
        tail=tail,
        from_=from_,
        follow=follow,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient,
    stream: None | str | Unset = UNSET,
    replica: int | None | Unset = UNSET,
    tail: int | None | Unset = UNSET,
    from_: int | None | Unset = UNSET,
    follow: bool | None | Unset = UNSET,
) -> Refused | str | None:
    """What a job wrote. With `follow`, until it ends. The header `x-shugu-from` tells the byte at which it
    begins; there is none while there is
    no output.

    Args:
        id (str):
        stream (None | str | Unset):
        replica (int | None | Unset):
        tail (int | None | Unset):
        from_ (int | None | Unset):
        follow (bool | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | str
    """

    return sync_detailed(
        id=id,
        client=client,
        stream=stream,
        replica=replica,
        tail=tail,
        from_=from_,
        follow=follow,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
    stream: None | str | Unset = UNSET,
    replica: int | None | Unset = UNSET,
    tail: int | None | Unset = UNSET,
    from_: int | None | Unset = UNSET,
    follow: bool | None | Unset = UNSET,
) -> Response[Refused | str]:
    """What a job wrote. With `follow`, until it ends. The header `x-shugu-from` tells the byte at which it
    begins; there is none while there is
    no output.

    Args:
        id (str):
        stream (None | str | Unset):
        replica (int | None | Unset):
        tail (int | None | Unset):
        from_ (int | None | Unset):
        follow (bool | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | str]
    """

    kwargs = _get_kwargs(
        id=id,
        stream=stream,
        replica=replica,
        tail=tail,
        from_=from_,
        follow=follow,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient,
    stream: None | str | Unset = UNSET,
    replica: int | None | Unset = UNSET,
    tail: int | None | Unset = UNSET,
    from_: int | None | Unset = UNSET,
    follow: bool | None | Unset = UNSET,
) -> Refused | str | None:
    """What a job wrote. With `follow`, until it ends. The header `x-shugu-from` tells the byte at which it
    begins; there is none while there is
    no output.

    Args:
        id (str):
        stream (None | str | Unset):
        replica (int | None | Unset):
        tail (int | None | Unset):
        from_ (int | None | Unset):
        follow (bool | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | str
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            stream=stream,
            replica=replica,
            tail=tail,
            from_=from_,
            follow=follow,
        )
    ).parsed
