downbeat trace 2 {}
# With an acknowledgement id the caller also gets {ok: true, ...} or {ok: false, error}, after the
# event. Every client event honours one, and a client that did not ask gets none.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 420["session:create",{"name":"Alice"}]
? 430[{"ok":true,"roomCode":"{room 1}","userId":"{id 1}"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
! 43
> text 2 427["session:join",{"roomCode":"{room 1}","name":"Bob"}]
? 437[{"ok":true,"roomCode":"{room 1}","participants":
> text 2 428["session:update",{"instrument":"bass"}]
? 438[{"ok":true}]
> text 2 429["session:event",{"type":"note"}]
? 439[{"ok":true}]
> text 2 4210["session:leave",{"roomCode":"{room 1}"}]
? 4310[{"ok":true}]

# Failures. An id may be as long as JavaScript counts.
> text 2 4211["session:leave",{"roomCode":"{room 1}"}]
? 4311[{"ok":false,"error":{"message":"Not in this session","code":"not_in_session"}}]
> text 2 4212["session:join",{"roomCode":"NOWHERE-99","name":"Bob"}]
? 4312[{"ok":false,"error":{"message":"Session not found","code":"session_not_found"}}]
> text 2 429007199254740991["session:create",{}]
? 439007199254740991[{"ok":false,"error":{"message":"name is required","code":"invalid_payload"}}]
